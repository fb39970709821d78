/** Every name and address of the sandbox's cluster, in one table; all of them private or loopback. */
export const addresses = {
  /** Name of the only node. */
  nodeName: "sandbox",
  /** Zone of the node: what spreads over zones finds one. */
  zone: "sandbox-a",
  /** Network device of the node's own address: the API server may not advertise a loopback one. */
  nodeBridge: "wg0",
  /** The node's address; NodePorts are reached there. */
  node: "10.200.0.1",
  /** Length of the node network's prefix. */
  nodePrefix: 24,
  /** Network device that the pods are plugged into; made by the CNI plugin. */
  podBridge: "wgpods0",
  /** Name of the pods' network: CNI plugins mark with it what they remember, machine-wide. */
  podNetwork: "web-greetings",
  podCidr: "10.201.0.0/16",
  serviceCidr: "10.202.0.0/16",
  /** First address of the services: the API server, as pods see it. */
  apiService: "10.202.0.1",
  /** The cluster's DNS server. */
  dns: "10.202.0.10",
  clusterDomain: "cluster.local",
  apiPort: 6443,
  /** The local image registry; plain HTTP, on loopback only. */
  registry: "localhost:5000",
} as const;

/** URL of the API server. */
export const apiServer = `https://${addresses.node}:${addresses.apiPort}`;
