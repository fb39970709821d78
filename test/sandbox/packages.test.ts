import assert from "node:assert/strict";
import { missingPackages } from "../../sandbox/packages.ts";

describe("packages", () => {
  it("lack those that dpkg does not know or has removed", () => {
    const statuses = "runc\tinstalled\niptables\tconfig-files\nconntrack\tnot-installed\n";
    const wanted = ["runc", "iptables", "conntrack", "containerd"];
    assert.deepEqual(missingPackages(wanted, statuses), ["iptables", "conntrack", "containerd"]);
  });

  it("lack all of them on a machine without dpkg", () => {
    assert.deepEqual(missingPackages(["runc"], ""), ["runc"]);
  });
});
