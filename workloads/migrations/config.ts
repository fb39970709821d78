import type * as k8s from "@pulumi/kubernetes";
import type { DatabaseAccess } from "../kit/databaseAccess.ts";
import type { Resources } from "../kit/pod.ts";

const FOLDER = "/etc/migrate";

/** Where the Job has its files. */
export const paths = { config: `${FOLDER}/config`, secrets: `${FOLDER}/secrets` } as const;

/** Size of the Job: PostgreSQL does the work. */
export const size: Resources = { cpu: 0.05, cpuLimit: 1, memoryMiB: 128 };

/** Where the database is, and as whom to come; nothing secret. */
export function envOf({
  endpoint,
  tlsName,
  name,
  user,
}: DatabaseAccess): k8s.types.input.core.v1.EnvVar[] {
  return [
    { name: "DATABASE_HOST", value: endpoint.host },
    { name: "DATABASE_PORT", value: `${endpoint.port}` },
    { name: "DATABASE_TLS_NAME", value: tlsName },
    { name: "DATABASE_CA_FILE", value: `${paths.config}/ca.pem` },
    { name: "DATABASE_NAME", value: name },
    { name: "DATABASE_USER", value: user },
    { name: "DATABASE_PASSWORD_FILE", value: `${paths.secrets}/password` },
  ];
}
