import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** Holds the lock; to be released once. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * Name of the socket that stands for `folder`. It is in Linux' abstract namespace: no file, and the
 * kernel frees it the moment its holder is gone, however that ended, so no lock is ever stale.
 */
function socketName(folder: string): string {
  return `\0web-greetings-${createHash("sha256").update(folder).digest("hex").slice(0, 32)}`;
}

async function tryLock(name: string, what: string): Promise<Lock | undefined> {
  const open = new Set<Socket>();
  const server = createServer((waiting) => {
    waiting.on("error", () => undefined);
    waiting.write(`${what}, process ${process.pid}\n`);
    open.add(waiting);
    waiting.once("close", () => open.delete(waiting));
  });
  const bound = new Promise<boolean>((resolve, reject) => {
    server.once("listening", () => resolve(true));
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
  });
  server.listen(name);
  if (!(await bound)) return undefined;
  return {
    async release() {
      for (const waiting of open) waiting.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Waits for the end of the present holder; hands who it is to `onWait` as soon as it says so. */
async function holderGone(name: string, onWait: (holder: string) => void): Promise<void> {
  const socket = connect(name);
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => onWait(text.trim()));
  // A refused or broken connection means the same as a closed one: the holder is gone.
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("close", resolve));
}

/**
 * Takes the lock on `folder` for `what` ("up", "down"). While another process holds it, this one
 * waits, and `onWait` is told who it is ("up, process 4711").
 */
export async function takeLock(
  folder: string,
  what: string,
  onWait: (holder: string) => void,
): Promise<Lock> {
  const name = socketName(folder);
  for (;;) {
    const lock = await tryLock(name, what);
    if (lock) return lock;
    await holderGone(name, onWait);
  }
}
