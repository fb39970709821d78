import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";

const root = resolve(__dirname, "../..");

interface Entry {
  readonly type: string;
  readonly description: string;
  readonly default: unknown;
}

/** Where the reference is committed. */
export const referenceFile = join(root, "docs", "settings.md");

function show(value: unknown): string {
  if (Array.isArray(value)) return value.map(show).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The reference of all settings, from Pulumi.yaml. */
function renderReference(pulumiYaml: string): string {
  const config: Record<string, Entry> = parse(pulumiYaml).config;
  const rows = Object.entries(config).map(([key, { type, description, default: value }]) => {
    const shown = show(value);
    return `| \`${key.replace("web-greetings:", "")}\` | ${type} | \`${shown}\` | ${description} |`;
  });
  return `# Settings

Generated from [Pulumi.yaml](../Pulumi.yaml) by \`npm run reference\`. Set one with
\`pulumi config set <key> <value> --stack <stack>\`. All are checked before anything is created; a key
that is not here is refused.

| key | type | default | what it is |
|-----|------|---------|------------|
${rows.join("\n")}
`;
}

/** The reference of the project's present Pulumi.yaml. */
export function currentReference(): string {
  return renderReference(readFileSync(join(root, "Pulumi.yaml"), "utf8"));
}
