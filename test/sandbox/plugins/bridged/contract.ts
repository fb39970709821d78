import assert from "node:assert/strict";
import type { Kind } from "../../../../sandbox/plugins/bridged/kind.ts";
import { readSdk } from "./sdk.ts";

/** Tests that the kinds of a stand-in have the inputs, outputs and secrets of its SDK. */
export function describeContract(plugin: string, kinds: Readonly<Record<string, Kind>>): void {
  describe(`the ${plugin} stand-in and its SDK`, () => {
    for (const [token, kind] of Object.entries(kinds)) {
      const sdk = readSdk(token);

      it(`${token} takes the inputs of the SDK`, () => {
        assert.deepEqual(Object.keys(kind.fields).sort(), sdk.inputs);
      });

      it(`${token} has the outputs of the SDK`, () => {
        const outputs = [...Object.keys(kind.fields), ...Object.keys(kind.outputs)];
        assert.deepEqual(outputs.sort(), sdk.outputs);
      });

      it(`${token} keeps secret what the SDK keeps secret`, () => {
        const outputs = Object.keys(kind.outputs).filter((name) => kind.outputs[name] === "secret");
        const refused = sdk.secrets.filter((name) => kind.fields[name]?.refused !== undefined);
        const inputs = Object.keys(kind.fields).filter((name) => kind.fields[name]?.secret);
        assert.deepEqual([...outputs, ...inputs, ...refused].sort(), sdk.secrets);
      });
    }
  });
}
