/** Whether a command calls the AWS CLI. */
export function callsAws(command: string): boolean {
  return /(^|[\s;(])aws [a-z]/.test(command);
}

/** Whether an operation is named rather than called: without anything that it would take. */
export function isName(command: string): boolean {
  return /^aws [a-z0-9-]+ (?!get-caller-identity$)[a-z0-9-]+$/.test(command);
}

/** The operations that a command calls, as `eks describe-addon`. */
export function operationsOf(command: string): readonly string[] {
  const calls = command.matchAll(/(?:^|[\s;(])aws ([a-z0-9-]+ [a-z0-9-]+)/g);
  return [...calls].map(([, operation = ""]) => operation);
}
