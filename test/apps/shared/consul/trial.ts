import { type ConsulLink, openConsul, type ServiceEntry } from "../../../../apps/shared/consul.ts";
import type { FakeAgent } from "./fakeAgent.ts";
import { keptLog } from "./logs.ts";
import { StepClock } from "./stepClock.ts";

export const LOGIN = "POST /v1/acl/login";
export const LOOK = "GET /v1/acl/token/self?stale";
export const LOGOUT = "POST /v1/acl/logout";
export const REGISTER = "PUT /v1/agent/service/register?replace-existing-checks=true";
export const GET = "GET /v1/agent/service/api-0";
export const UPDATE = "PUT /v1/agent/check/update/service:api-0";
export const DEREGISTER = "PUT /v1/agent/service/deregister/api-0";

/** What the log says of the API's registration. */
export const REGISTERED = ["info", "registered", { service: "api", id: "api-0" }];
export const DEREGISTERED = ["info", "deregistered", { service: "api", id: "api-0" }];

/** What the API registers. */
export const api: ServiceEntry = {
  name: "api",
  port: 8080,
  check: { kind: "http", port: 9090, path: "/readyz", state: () => undefined },
};

/** A link to an agent that is ours, on a clock that is ours. */
export class Trial {
  readonly agent: FakeAgent;
  readonly clock = new StepClock();
  readonly lines: unknown[][];
  readonly link: ConsulLink;

  constructor(agent: FakeAgent, podIp = "10.0.0.7") {
    this.agent = agent;
    const { log, lines } = keptLog();
    this.lines = lines;
    this.link = openConsul({ ...agent.settings, podIp }, log, { clock: this.clock });
  }

  /** Registers, and gives what was asked until the first pause. */
  async register(entry: ServiceEntry): Promise<string[]> {
    this.link.register(entry);
    await this.clock.paused();
    return this.agent.take();
  }

  /** Ends the loop's pause, and gives what was asked until the next one. */
  async turn(): Promise<string[]> {
    this.agent.heard = [];
    await this.clock.step();
    await this.clock.paused();
    return this.agent.take();
  }

  /** Closes the link and lets the 2 s pass that it may take. */
  async end(): Promise<void> {
    const closing = this.link.close();
    await Promise.race([closing, this.clock.step()]);
    await closing;
  }
}
