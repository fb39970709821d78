import assert from "node:assert/strict";
import { inOurRange, listeningPorts, missingCapabilities } from "../../sandbox/machine.ts";

describe("machine", () => {
  it("finds the ports that are listened on, not those of connections", () => {
    const table = `  sl  local_address rem_address   st tx_queue rx_queue
   0: 0100007F:1388 00000000:0000 0A 00000000:00000000
   1: 0100007F:C350 0100007F:1388 01 00000000:00000000
   2: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0:0
`;
    assert.deepEqual(listeningPorts(table), [5000, 8080]);
  });

  it("names the capabilities that a mask lacks", () => {
    assert.deepEqual(missingCapabilities("Name:\tx\nCapEff:\t000001fffeffffff\n"), []);
    assert.deepEqual(missingCapabilities("CapEff:\t0000000000201000\n"), ["CAP_SYS_CHROOT"]);
    assert.deepEqual(missingCapabilities("CapEff:\t0000000000000000\n"), [
      "CAP_NET_ADMIN",
      "CAP_SYS_CHROOT",
      "CAP_SYS_ADMIN",
    ]);
  });

  it("tells our addresses from others", () => {
    const ours = ["10.200.0.1", "10.201.255.255", "10.202.0.10"];
    const others = ["10.203.0.1", "10.20.1.1", "110.200.0.1", "192.168.0.1", "fe80::10.200.0.1"];
    assert.deepEqual(ours.map(inOurRange), [true, true, true]);
    assert.deepEqual(
      others.map(inOurRange),
      others.map(() => false),
    );
  });
});
