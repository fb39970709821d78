interface Rule {
  readonly pattern: RegExp;
  /** An exception from the rules before it, written with `!`. */
  readonly keep: boolean;
}

/** Whether a path, relative to the context and with `/`, is left out of the context. */
export type Ignored = (path: string) => boolean;

/**
 * Reads the text of a `.dockerignore`. The last rule that fits a path, or a folder above it,
 * decides. See https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function readIgnore(text: string): Ignored {
  const rules = text
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim())
    .flatMap(toRule);
  return (path) =>
    rules.reduce((ignored, rule) => (fits(rule, path) ? !rule.keep : ignored), false);
}

function toRule(line: string): readonly Rule[] {
  const keep = line.startsWith("!");
  const pattern = clean(keep ? line.slice(1).trim() : line);
  return pattern === "" ? [] : [{ keep, pattern: new RegExp(`^${toRegExp(pattern)}$`) }];
}

function clean(pattern: string): string {
  const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
  return parts.join("/");
}

function toRegExp(pattern: string): string {
  return pattern.replace(/\*\*\/|\*\*|\*|\?|\[[^\]]+\]|\\.|[\s\S]/g, (token) => {
    switch (token) {
      case "**/":
        return "(?:.*/)?";
      case "**":
        return ".*";
      case "*":
        return "[^/]*";
      case "?":
        return "[^/]";
      default:
        return token.length > 1 ? token : token.replace(/[.+^${}()|[\]\\]/, "\\$&");
    }
  });
}

function fits(rule: Rule, path: string): boolean {
  const parts = path.split("/");
  return parts.some((_, index) => rule.pattern.test(parts.slice(0, index + 1).join("/")));
}
