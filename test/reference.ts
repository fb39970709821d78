import { writeFileSync } from "node:fs";
import { currentReference, referenceFile } from "./infra/settingsReference.ts";
import { currentConnections } from "./stack/connections.ts";
import { connectionsFile } from "./stack/connectionsTable.ts";

/** Writes the documents that are generated; a test compares each with what is committed. */
async function main(): Promise<void> {
  writeFileSync(referenceFile, currentReference());
  writeFileSync(connectionsFile, await currentConnections());
}

void main();
