import type * as k8s from "@pulumi/kubernetes";
import { imageAt } from "../../infra/versions.ts";
import { containerBasics, resources } from "../kit/pod.ts";
import { ADMIN, lines, paths, type Size } from "./config.ts";

/**
 * Has a volume of an earlier stack take this one's administrator, whose password it cannot know:
 * before anybody else can ask, a server that asks for no password and that nobody but this
 * container reaches is told the new one. What was done for which password is noted beside the data.
 */
function renderTakeOver(): string {
  return lines([
    "set -euo pipefail",
    `note=${paths.data}/administrator`,
    `wanted=$(sha256sum < ${paths.secrets}/${ADMIN})`,
    // An empty volume gets its administrator from the set-up.
    `if [ ! -e ${paths.data}/meta/meta.db ] || [ "$(cat $note 2>&1)" = "$wanted" ]; then`,
    '  echo "$wanted" > $note',
    "  exit 0",
    "fi",
    "export INFLUXDB_HTTP_AUTH_ENABLED=false INFLUXDB_HTTP_HTTPS_ENABLED=false",
    "export INFLUXDB_HTTP_BIND_ADDRESS=127.0.0.1:8086",
    `/usr/bin/influxd -config ${paths.config}/influxdb.conf &`,
    "server=$!",
    "until influx -execute 'SHOW DATABASES' > /dev/null 2>&1; do kill -0 $server; sleep 0.2; done",
    // By its input: arguments are seen by everybody on the node.
    `printf 'DROP USER "%s"' ${ADMIN} | influx || true`,
    `printf 'CREATE USER "%s" WITH PASSWORD '"'%s'"' WITH ALL PRIVILEGES' ${ADMIN} \\`,
    `  "$(cat ${paths.secrets}/${ADMIN})" | influx`,
    "kill $server",
    "wait $server || true",
    'echo "$wanted" > $note',
    'echo "the administrator of an earlier stack has made way"',
  ]);
}

/** What runs before the server; see `renderTakeOver`. */
export function takeOverContainer(version: string, size: Size): k8s.types.input.core.v1.Container {
  return {
    name: "take-over",
    image: imageAt("influxdb", version),
    command: ["bash", "-c", renderTakeOver()],
    env: [{ name: "HOME", value: "/tmp" }],
    resources: resources(size),
    ...containerBasics(),
    volumeMounts: [
      { name: "config", mountPath: paths.config, readOnly: true },
      { name: "secrets", mountPath: paths.secrets, readOnly: true },
      { name: "tls", mountPath: paths.tls, readOnly: true },
      { name: "data", mountPath: paths.data },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}
