import assert from "node:assert/strict";
import { parseWanted } from "../../../apps/consul-setup/src/wanted.ts";
import { fixedTokens, renderAcl } from "../../../workloads/consul/acl.ts";
import type { Consumer } from "../../../workloads/kit/consumer.ts";

const till: Consumer = {
  name: "till",
  namespace: "shop",
  serviceAccount: "till-account",
  registers: ["till", "till-admin"],
  reads: [],
};
const door: Consumer = {
  name: "door",
  namespace: "street",
  serviceAccount: "door",
  registers: [],
  reads: ["till"],
};
const watchman: Consumer = {
  name: "watchman",
  namespace: "street",
  serviceAccount: "watchman",
  registers: [],
  reads: [],
  metrics: true,
};

const own = [
  {
    name: "agent",
    rules: 'node_prefix "consul" { policy = "write" }\nservice_prefix "" { policy = "read" }\n',
  },
  {
    name: "dns",
    rules:
      'node_prefix "" { policy = "read" }\nservice_prefix "" { policy = "read" }\n' +
      'query_prefix "" { policy = "read" }\n',
  },
];

const tokens = [
  { name: "agent", accessor: "00000000-0000-4000-8000-0000000a9e17" },
  { name: "dns", accessor: "00000000-0000-4000-8000-000000000d15" },
];

describe("acl.json", () => {
  it("lets who registers write its services, who looks up read them and their nodes, no more", () => {
    assert.deepEqual(JSON.parse(renderAcl([till, door])), {
      authMethod: "kubernetes",
      policies: [
        ...own,
        {
          name: "till",
          rules: 'service "till" { policy = "write" }\nservice "till-admin" { policy = "write" }\n',
        },
        {
          name: "door",
          rules: 'service "till" { policy = "read" }\nnode_prefix "" { policy = "read" }\n',
        },
      ],
      tokens,
      logins: [
        {
          role: "till",
          selector: 'serviceaccount.namespace == "shop" and serviceaccount.name == "till-account"',
        },
        {
          role: "door",
          selector: 'serviceaccount.namespace == "street" and serviceaccount.name == "door"',
        },
      ],
    });
  });

  it("lets who asks for metrics read what agents tell about themselves, and nothing else", () => {
    const { policies } = JSON.parse(renderAcl([watchman]));
    assert.deepEqual(policies.slice(own.length), [
      { name: "watchman", rules: 'agent_prefix "consul" { policy = "read" }\n' },
    ]);
  });

  it("without consumers is for the agents alone", () => {
    assert.deepEqual(JSON.parse(renderAcl([])), {
      authMethod: "kubernetes",
      policies: own,
      tokens,
      logins: [],
    });
  });

  it("is what the set-up reads", () => {
    assert.deepEqual(parseWanted(renderAcl([till, door])), JSON.parse(renderAcl([till, door])));
  });
});

describe("the agents' own tokens", () => {
  it("each have a policy of their name", () => {
    const { policies } = parseWanted(renderAcl([]));
    const names = policies.map(({ name }) => name);
    for (const { name } of fixedTokens) assert.ok(names.includes(name), name);
  });
});
