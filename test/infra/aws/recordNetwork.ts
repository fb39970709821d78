import { Network, type NetworkArgs } from "../../../infra/aws/network.ts";
import type { Recorded } from "../../mocks.ts";
import { recordAws } from "./recordAws.ts";

/** Names of the zones that the network stands in. */
export const zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] as const;

/** The network of a prod stack. */
export const usual: NetworkArgs = {
  name: "web-greetings-prod",
  cidr: "10.0.0.0/16",
  zones,
  natGateways: "perZone",
  interfaceEndpoints: [],
};

/** What is recorded of a network that is otherwise as usual, and of what uses it. */
export function recordNetwork(
  wishes?: Partial<NetworkArgs>,
  use: (network: Network) => unknown = () => undefined,
): Promise<Recorded[]> {
  return recordAws((opts) => use(new Network("network", { ...usual, ...wishes }, opts)));
}

let asUsual: Promise<Recorded[]> | undefined;

/** What is recorded of the usual network, recorded once for all tests. */
export function plainNetwork(): Promise<Recorded[]> {
  asUsual ??= recordNetwork();
  return asUsual;
}

/** `kind name` of what each zone has of its own. */
export function partsOf(zone: string): string[] {
  return [
    `Eip network-nat-${zone}`,
    `NatGateway network-nat-${zone}`,
    `Route network-private-${zone}`,
    `RouteTable network-private-${zone}`,
    ...["public", "private", "database"].flatMap((kind) => [
      `RouteTableAssociation network-${kind}-${zone}`,
      `Subnet network-${kind}-${zone}`,
    ]),
  ];
}
