import type * as k8s from "@pulumi/kubernetes";
import { addressOf, type Endpoint } from "./endpoint.ts";

/** What a container needs to talk to Consul, besides its pod's labels and policy. */
export interface ConsulAccess {
  readonly env: k8s.types.input.core.v1.EnvVar[];
  readonly volume: k8s.types.input.core.v1.Volume;
  readonly mount: k8s.types.input.core.v1.VolumeMount;
}

const PATH = "/var/run/secrets/consul";
/** Seconds that a token of the pod's ServiceAccount is good for; the kubelet renews it in time. */
const TOKEN_SECONDS = 3600;

/**
 * The way of a client to Consul: the agent's address, the certificate that the pod has anyway, and
 * a token of its ServiceAccount to log in with.
 *
 * @param tlsPath where the container has `tls.key`, `tls.crt` and `ca.crt`
 */
export function consulAccess(consul: Endpoint, tlsPath: string): ConsulAccess {
  const field = (name: string, fieldPath: string) => ({
    name,
    valueFrom: { fieldRef: { apiVersion: "v1", fieldPath } },
  });
  return {
    env: [
      { name: "CONSUL_ADDRESS", value: addressOf(consul) },
      { name: "CONSUL_CA_FILE", value: `${tlsPath}/ca.crt` },
      { name: "CONSUL_CERT_FILE", value: `${tlsPath}/tls.crt` },
      { name: "CONSUL_KEY_FILE", value: `${tlsPath}/tls.key` },
      { name: "CONSUL_LOGIN_FILE", value: `${PATH}/token` },
      field("POD_NAME", "metadata.name"),
      field("POD_IP", "status.podIP"),
    ],
    volume: {
      name: "consul-login",
      projected: {
        defaultMode: 0o440,
        sources: [{ serviceAccountToken: { path: "token", expirationSeconds: TOKEN_SECONDS } }],
      },
    },
    mount: { name: "consul-login", mountPath: PATH, readOnly: true },
  };
}
