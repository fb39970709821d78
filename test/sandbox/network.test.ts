import assert from "node:assert/strict";
import { iptablesRemoval } from "../../sandbox/network.ts";

const saved = `# Generated
*nat
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-MARK-MASQ - [0:0]
:DOCKER - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A PREROUTING -j DOCKER
-A OUTPUT -d 10.0.0.1/32 -m comment --comment "not -j KUBE-SERVICES" -j ACCEPT
-A KUBE-SERVICES -d 10.202.0.1/32 -j KUBE-MARK-MASQ
COMMIT
# Completed
*filter
:FORWARD DROP [0:0]
:CNI-FORWARD - [0:0]
-A FORWARD -m comment --comment "CNI firewall plugin rules" -j CNI-FORWARD
COMMIT
*mangle
:INPUT ACCEPT [0:0]
-A INPUT -j MARK --set-xmark 0x1/0x1
COMMIT
`;

describe("packet filter", () => {
  it("takes out chains of Kubernetes and CNI with the rules that lead there, and nothing else", () => {
    assert.equal(
      iptablesRemoval(saved),
      `*nat
-D PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-F KUBE-SERVICES
-F KUBE-MARK-MASQ
-X KUBE-SERVICES
-X KUBE-MARK-MASQ
COMMIT
*filter
-D FORWARD -m comment --comment "CNI firewall plugin rules" -j CNI-FORWARD
-F CNI-FORWARD
-X CNI-FORWARD
COMMIT
`,
    );
  });

  it("leaves a machine without such chains alone", () => {
    assert.equal(iptablesRemoval("*nat\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -j DOCKER\nCOMMIT\n"), "");
    assert.equal(iptablesRemoval(""), "");
  });
});
