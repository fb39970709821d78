import assert from "node:assert/strict";
import { commandsOf } from "./markdown.ts";

const page = `# A page

Say \`cow eats\` or \`horse runs\`, with \`cow-bells\`:

1. In a list, of several lines and with something to put in:

   \`\`\`sh
   cow gives <a bucket of yours> \\
     --whole

   for one in a b; do
     horse draws $one
   done
   \`\`\`

   \`\`\`json
   { "cow": "cow eats" }
   \`\`\`

| look | at |
|------|----|
| here | a sentence's \`cow
sleeps\` over two lines |

\`\`\`sh
node -p '1 +
  1'
\`\`\`
`;

describe("commands of a page", () => {
  const inBlocks = [
    "cow gives <a bucket of yours> \\\n  --whole",
    "for one in a b; do\n  horse draws $one\ndone",
    "node -p '1 +\n  1'",
  ];

  it("are those of its blocks, in their order", () => {
    assert.deepEqual(commandsOf(page), inBlocks);
  });

  it("are those of its sentences, too, where they are asked for", () => {
    const [gives, draws, node] = inBlocks;
    const all = commandsOf(page, (code) => code.startsWith("cow "));
    assert.deepEqual(all, ["cow eats", gives, draws, "cow sleeps", node]);
  });

  it("fail when a block ends within one", () => {
    assert.throws(() => commandsOf("```sh\nsay \\\n```\n"), {
      message: "a block ends before its last command does: say \\",
    });
    assert.throws(() => commandsOf("```sh\nsay 'a\n```\n"), /ends before its last command does/);
  });
});
