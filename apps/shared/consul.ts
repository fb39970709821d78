/** The only door to Consul for the apps. */
export {
  type ConsulAddress,
  ConsulClient,
  type ConsulClock,
  ConsulError,
  type ConsulRequest,
  type ConsulSettings,
  systemClock,
} from "./consul/client.ts";
export { type ConsulLink, type ConsulOptions, openConsul } from "./consul/link.ts";
export { type Loop, runLoop } from "./consul/loop.ts";
export type { ServiceCheck, ServiceEntry } from "./consul/registration.ts";
export type { Instance } from "./consul/watch.ts";
