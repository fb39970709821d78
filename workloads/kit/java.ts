/**
 * Security properties of a JVM among pods: a pod that comes back has another address, so names are
 * asked again soon, and a name that was missing is asked again at once.
 * https://docs.oracle.com/en/java/javase/17/core/java-networking.html#GUID-A680DADB-C4C1-40F1-B568-D9A97C917F5D
 */
export const javaSecurity = [
  "networkaddress.cache.ttl=5",
  "networkaddress.cache.negative.ttl=1",
  "",
].join("\n");
