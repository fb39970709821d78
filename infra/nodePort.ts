import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/**
 * Port of every node that leads to a service's first port; undefined in a preview of a service that
 * the cluster has not given one yet. Rejects when the service is of another type than NodePort.
 *
 * @param name what is published by it
 */
export function nodePortOf(
  name: string,
  service: k8s.core.v1.Service,
): pulumi.Output<number | undefined> {
  return service.spec.ports.apply((ports) => {
    const port = ports[0]?.nodePort;
    if (port !== undefined || pulumi.runtime.isDryRun()) return port;
    throw new pulumi.RunError(
      `cannot publish ${name}: its service has no node port; make it of type NodePort`,
    );
  });
}
