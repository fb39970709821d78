import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * A shell script in Pulumi's place that hands it our stack file, so that `pulumi up` typed in
 * `make shell` does what `make up` does. `pulumi config` is left out: it edits the project's file.
 *
 * @param pulumi absolute path of the real program
 * @param stackFiles folder of the merged stack files, `<stack>.yaml` each
 */
function renderShim(pulumi: string, stackFiles: string): string {
  return `#!/bin/sh
# Written by make: runs Pulumi with the merged file of the stack.
real=${quote(pulumi)}
stack="\${WEB_GREETINGS_STACK:-dev}"
previous=
for argument do
  case "$previous" in -s | --stack) stack="$argument" ;; esac
  case "$argument" in
    --stack=*) stack="\${argument#--stack=}" ;;
    --config-file*) exec "$real" "$@" ;;
  esac
  previous="$argument"
done
file=${quote(stackFiles)}/"$stack".yaml
case "$1" in
  up | preview | destroy | refresh | import | watch)
    [ -f "$file" ] && exec "$real" "$@" --config-file "$file" ;;
esac
exec "$real" "$@"
`;
}

/** Writes the shim as \`pulumi\` into \`folder\`, which then goes first on PATH. */
export function installShim(folder: string, pulumi: string, stackFiles: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "pulumi"), renderShim(pulumi, stackFiles), { mode: 0o755 });
}
