import assert from "node:assert/strict";
import { readSetupSettings } from "../../../../apps/influx-setup/src/settings.ts";

const required = {
  INFLUX_HOST: "influxdb.influxdb.svc",
  INFLUX_CA_FILE: "/config/ca.pem",
  WANTED_FILE: "/config/wanted.json",
  SECRETS_FOLDER: "/secrets",
};

describe("settings of the set-up of InfluxDB", () => {
  it("are these, with the common port and two minutes unless it is told", () => {
    assert.deepEqual(readSetupSettings(required), {
      ...required,
      INFLUX_PORT: 8086,
      CONNECT_DEADLINE_MS: 120_000,
    });
    const told = { ...required, INFLUX_PORT: "9086", CONNECT_DEADLINE_MS: "1000" };
    assert.deepEqual(readSetupSettings(told), {
      ...required,
      INFLUX_PORT: 9086,
      CONNECT_DEADLINE_MS: 1000,
    });
  });

  it("fail with every one that is missing", () => {
    const expected = Object.keys(required).map((key) => `setting ${key}: missing, but required`);
    assert.throws(
      () => readSetupSettings({}),
      ({ message }: Error) => {
        assert.deepEqual(message.split("\n").sort(), expected.sort());
        return true;
      },
    );
  });

  it("fail with a port or a time that is none", () => {
    for (const [key, wrong] of [
      ["INFLUX_PORT", ["0", "65536", "https"]],
      ["CONNECT_DEADLINE_MS", ["999", "3600001", "soon"]],
    ] as const) {
      for (const value of wrong) {
        assert.throws(
          () => readSetupSettings({ ...required, [key]: value }),
          new RegExp(`${key}: got "${value}"`),
        );
      }
    }
  });
});
