import { renderTemplate } from "../../../workloads/edge/nginx.ts";

/** consul-template's part: nginx.conf out of the template, with instances at ports of loopback. */
export function fill(instances: readonly number[], address = "127.0.0.1"): string {
  const some = instances.length > 0;
  return renderTemplate()
    .replace('{{ len (service "api") }}', `${instances.length}`)
    .replace(/\n\{\{- range \. \}\}(.*?)\n\{\{- end \}\}/s, (_, line: string) =>
      instances
        .map((port) => line.replace("{{ .Address }}", address).replace("{{ .Port }}", `${port}`))
        .join(""),
    )
    .replace(
      /\{\{ with service "api" \}\}(.*?)(?:\{\{ else \}\}(.*?))?\{\{ end \}\}/gs,
      (_, good: string, bad = "") => (some ? good : bad),
    );
}
