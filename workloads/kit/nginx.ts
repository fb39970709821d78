/** A field of nginx's log in JSON whose value is a text. */
export function logText(key: string, variable: string): string {
  return `"${key}":"$${variable}"`;
}

/** A field of nginx's log in JSON whose value is a number. */
export function logNumber(key: string, variable: string): string {
  return `"${key}":$${variable}`;
}

/** Where nginx puts what it cannot keep in memory: under /tmp, for the root is read-only. */
export function renderTemporaryPaths(): string {
  return ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((of) => `  ${of}_temp_path /tmp/${of};`)
    .join("\n");
}
