import { spawnSync } from "node:child_process";

/** What a reader puts something in for, as `<address>`. */
export const placeholder = /<([a-z ]+)>/g;

const fence = /^( *)```(\w*)\n([\s\S]*?)^\1```$/gm;

/** Whether the shell would ask for another line. */
function goesOn(text: string): boolean {
  if (text.endsWith("\\")) return true;
  return spawnSync("bash", ["-n", "-c", text.replaceAll(placeholder, "it")]).status !== 0;
}

/** The commands of a block, those of several lines as one. */
function split(block: string): readonly string[] {
  const commands: string[] = [];
  let begun = "";
  for (const line of block.replace(/\n$/, "").split("\n")) {
    if (begun === "" && line.trim() === "") continue;
    begun += begun === "" ? line : `\n${line}`;
    if (goesOn(begun)) continue;
    commands.push(begun);
    begun = "";
  }
  if (begun !== "") throw new Error(`a block ends before its last command does: ${begun}`);
  return commands;
}

/**
 * The commands of a page in their order, some of several lines: all that is in blocks of `sh`,
 * indented or not, and what of the code in sentences and tables is one.
 *
 * @param isCommand whether code in the middle of a sentence is a command; none is by default
 * @throws Error when a block ends within a command
 */
export function commandsOf(
  page: string,
  isCommand: (code: string) => boolean = () => false,
): readonly string[] {
  const found: { readonly at: number; readonly text: string }[] = [];
  const prose = page.replace(fence, (all, indent: string, language, block: string, at: number) => {
    if (language === "sh") {
      const text = block.replaceAll(new RegExp(`^${indent}`, "gm"), "");
      found.push(...split(text).map((command) => ({ at, text: command })));
    }
    // Places of what follows stay what they are.
    return " ".repeat(all.length);
  });
  for (const { index, 1: span = "" } of prose.matchAll(/`([^`]+)`/g)) {
    const text = span.replaceAll(/\s+/g, " ");
    if (isCommand(text)) found.push({ at: index, text });
  }
  return found.sort((one, other) => one.at - other.at).map(({ text }) => text);
}
