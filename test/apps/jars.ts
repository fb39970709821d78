import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const KAFKA_JAR = /^kafka_2\.13-3\.9\.\d+\.jar$/;

function holdsKafka(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => KAFKA_JAR.test(name));
}

function subfolders(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(folder, entry.name))
    : [];
}

/**
 * Folder with Kafka's jars: `KAFKA_JARS`, or up to three levels down in the cache's builds. Undefined
 * when there is none, or no Java to run them.
 */
export function findKafka(): string | undefined {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  let level = process.env.KAFKA_JARS
    ? [process.env.KAFKA_JARS]
    : [join(cache, "web-greetings", "builds")];
  for (let depth = 0; depth < 4; depth++) {
    const found = level.find(holdsKafka);
    if (found) {
      return found;
    }
    level = level.flatMap(subfolders);
  }
  return undefined;
}
