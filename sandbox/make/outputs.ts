import { z } from "zod";

const shape = z.record(z.string(), z.unknown());

/** Stack outputs by name, as `pulumi stack output --json` prints them. */
export type Outputs = Readonly<Record<string, unknown>>;

/** @throws Error when the text is not a JSON object */
export function parseOutputs(json: string): Outputs {
  return shape.parse(JSON.parse(json));
}

/**
 * The output at a dotted path, such as `urls.web`.
 *
 * @throws Error naming the step that is missing and what is there instead
 */
export function pickOutput(outputs: Outputs, path: string): string {
  let value: unknown = outputs;
  for (const step of path.split(".")) {
    const here = shape.safeParse(value);
    if (!here.success || !(step in here.data)) {
      if (value === outputs && Object.keys(outputs).length === 0) {
        throw new Error(`no output ${JSON.stringify(path)}: the stack is not up; run \`make up\``);
      }
      const names = here.success ? Object.keys(here.data).join(", ") : "nothing below it";
      throw new Error(`no output ${JSON.stringify(path)}: at ${step} there is ${names}`);
    }
    value = here.data[step];
  }
  return typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
}

/** What is longer than a line is pointed to. */
function inOneLine(name: string, value: unknown): string {
  const text = String(value);
  return text.includes("\n") ? `make -s output name=${name}` : text;
}

/** The outputs as people read them: a group a paragraph, name and value in columns; none empty. */
export function formatOutputs(outputs: Outputs): string {
  const lines: string[] = [];
  const width = Math.max(12, ...Object.keys(outputs).map((name) => name.length));
  for (const [name, value] of Object.entries(outputs)) {
    if (value === "") continue;
    const group = shape.safeParse(value);
    if (!group.success) {
      lines.push(`${name.padEnd(width)} ${inOneLine(name, value)}`);
      continue;
    }
    lines.push(name);
    for (const [key, entry] of Object.entries(group.data)) {
      lines.push(
        `  ${key.padEnd(width - 2)} ${typeof entry === "string" ? entry : JSON.stringify(entry)}`,
      );
    }
  }
  return lines.join("\n");
}
