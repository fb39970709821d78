import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestContext, readContext } from "../../../../sandbox/plugins/docker/context.ts";

describe("a build context", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "context-"));
    write("Dockerfile", "FROM scratch\n");
    write("src/main.ts", "1");
    write("src/old.ts", "2");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const write = (path: string, content: string): void => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const read = (dockerfile = "Dockerfile") => readContext(root, join(root, dockerfile));
  const paths = (dockerfile?: string): readonly string[] =>
    read(dockerfile).entries.map((entry) => entry.path);
  const digest = (): Promise<string> => digestContext(read());

  it("has everything, sorted, folders before what they hold", () => {
    assert.deepEqual(paths(), ["Dockerfile", "src", "src/main.ts", "src/old.ts"]);
  });

  it("leaves out what is ignored, and what is in an ignored folder", () => {
    write(".dockerignore", "src\n");
    assert.deepEqual(paths(), [".dockerignore", "Dockerfile"]);
  });

  it("has what an exception brings back out of an ignored folder", () => {
    write(".dockerignore", "*\n!src/main.ts\n");
    assert.deepEqual(paths(), ["src/main.ts", "Dockerfile"]);
  });

  it("always has the Dockerfile", () => {
    write(".dockerignore", "Dockerfile\nsrc\n");
    assert.deepEqual(paths(), [".dockerignore", "Dockerfile"]);
    assert.equal(read().dockerfile, "Dockerfile");
  });

  it("takes the list that belongs to a Dockerfile of another name", () => {
    write("web.Dockerfile", "FROM scratch\n");
    write("web.Dockerfile.dockerignore", "*\n");
    write(".dockerignore", "");
    assert.deepEqual(paths("web.Dockerfile"), ["web.Dockerfile"]);
    assert.equal(read("web.Dockerfile").dockerfile, "web.Dockerfile");
  });

  it("has links as links", () => {
    symlinkSync("nowhere", join(root, "link"));
    assert.deepEqual(read().entries[1], { path: "link", kind: "link" });
  });

  it("fails when the Dockerfile is missing", () => {
    const path = join(root, "Nofile");
    assert.throws(() => readContext(root, path), {
      message: `could not open the dockerfile at "${path}"`,
    });
  });

  it("fails when the Dockerfile's path was meant to begin at the context", () => {
    write("sub/web.Dockerfile", "FROM scratch\n");
    const inside = join(root, "sub/web.Dockerfile");
    assert.throws(() => readContext(join(root, "sub"), "web.Dockerfile"), {
      message: `could not open the dockerfile at "web.Dockerfile"; try setting dockerfile to "${inside}"`,
    });
  });

  it("fails when the Dockerfile lies outside", () => {
    assert.throws(() => readContext(join(root, "src"), join(root, "Dockerfile")), {
      message: /^got the dockerfile ".*", which lies outside of the context ".*\/src"; allowed by/,
    });
  });

  it("has the same digest whenever the files were written", async () => {
    const before = await digest();
    utimesSync(join(root, "src/main.ts"), 1, 1);
    mkdirSync(join(root, "empty"));
    assert.equal(await digest(), before);
  });

  it("has the same digest when an ignored file changes", async () => {
    write(".dockerignore", "src/old.ts\n");
    const before = await digest();
    write("src/old.ts", "3");
    assert.equal(await digest(), before);
  });

  const changes: readonly (readonly [string, () => void])[] = [
    ["a file's content", () => write("src/main.ts", "3")],
    ["a file's mode", () => chmodSync(join(root, "src/main.ts"), 0o755)],
    ["the Dockerfile", () => write("Dockerfile", "FROM scratch\nUSER 1\n")],
    ["the number of files", () => write("src/new.ts", "")],
    ["the links", () => symlinkSync("main.ts", join(root, "src/link"))],
    ["what is ignored", () => write(".dockerignore", "src/old.ts\n")],
  ];
  for (const [what, change] of changes) {
    it(`has another digest when ${what} changes`, async () => {
      const before = await digest();
      change();
      assert.notEqual(await digest(), before);
    });
  }

  it("has another digest when the Dockerfile changes that is ignored", async () => {
    write(".dockerignore", "Dockerfile\n");
    const before = await digest();
    write("Dockerfile", "FROM scratch\nUSER 1\n");
    assert.notEqual(await digest(), before);
  });

  it("has another digest when a link's target changes", async () => {
    symlinkSync("a", join(root, "link"));
    const before = await digest();
    rmSync(join(root, "link"));
    symlinkSync("b", join(root, "link"));
    assert.notEqual(await digest(), before);
  });
});
