import { stripVTControlCharacters } from "node:util";
import { z } from "zod";

/** What `pulumi preview --json` prints (`PreviewDigest` of the engine), as far as it is shown. */
const document = z.object({
  steps: z
    .array(
      z.object({
        op: z.string(),
        urn: z.string(),
        replaceReasons: z.array(z.string()).nullish(),
        oldState: z.object({ retainOnDelete: z.boolean().optional() }).nullish(),
      }),
    )
    .nullish(),
  changeSummary: z.record(z.string(), z.number()).nullish(),
  diagnostics: z
    .array(
      z.object({
        urn: z.string().optional(),
        message: z.string().optional(),
        severity: z.string().optional(),
      }),
    )
    .nullish(),
});

/** What a stack's preview says. */
export type Plan = z.infer<typeof document>;

type Step = NonNullable<Plan["steps"]>[number];
type Diagnostic = NonNullable<Plan["diagnostics"]>[number];

/** What is written around a plan. */
export interface Heading {
  readonly stack: string;
  /** Hash of the commit that was previewed. */
  readonly commit: string;
}

/** Lines that are shown together, or not at all. */
interface Section {
  readonly open: readonly string[];
  /** Each may be left out, the last ones first. */
  readonly items: readonly string[];
  readonly close: readonly string[];
}

/** Operations of the engine by what people call them, in the order in which they are shown. */
const groups = [
  { op: "replace", verb: "replaced", loud: true },
  { op: "delete", verb: "deleted", loud: true },
  { op: "create", verb: "created", loud: false },
  { op: "update", verb: "updated", loud: false },
  { op: "import", verb: "imported", loud: false },
  { op: "read", verb: "read", loud: false },
] as const;

/** Types whose resources are gone with what people have put into them. */
const dataTypes = [
  /^kubernetes:core\/v1:(Namespace|PersistentVolume|PersistentVolumeClaim)$/,
  /^kubernetes:apps\/v1:StatefulSet$/,
  /^kubernetes:apiextensions\.k8s\.io\/v1:CustomResourceDefinition$/,
  // A key is lost with all that it has encrypted, a cluster with all that is in it.
  /^aws:(s3\/bucket(V2)?|rds\/(cluster|instance)|dynamodb\/table|efs\/fileSystem|ebs\/volume):/,
  /^aws:(kms\/key|eks\/cluster|cognito\/userPool):/,
];

/** Characters that one message may have: some repeat whole manifests. */
const MESSAGE_LENGTH = 2000;

/** Whether what people have stored goes when a resource of this type goes. */
export function holdsData(type: string): boolean {
  return dataTypes.some((pattern) => pattern.test(type));
}

/** Reads what `pulumi preview --json` printed; undefined where it ended before it had a plan. */
export function parsePlan(text: string): Plan | undefined {
  return text.trim() === "" ? undefined : document.parse(JSON.parse(text));
}

/** Type and name in `urn:pulumi:<stack>::<project>::<types>::<name>`. */
function partsOf(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
}

/** A run of backticks longer than any in the text: nothing in it can end what this encloses. */
function fenceFor(text: string, least: number): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  return "`".repeat(Math.max(least, longest + 1));
}

/** Somebody else's text as a code span: no markup, mention or invisible character has effect. */
function code(text: string): string {
  const plain = text.replace(/[\p{C}\s]+/gu, " ");
  const fence = fenceFor(plain, 1);
  return fence.length > 1 ? `${fence} ${plain} ${fence}` : `\`${plain}\``;
}

/** Of a resource that goes, whatever is to be known of it. */
function loudItem(verb: string, { urn, replaceReasons, oldState }: Step): string {
  const { type, name } = partsOf(urn);
  const kept = oldState?.retainOnDelete ? ", and is kept (`retainOnDelete`)" : "";
  const data = holdsData(type) ? ` **HOLDS DATA**${kept}` : "";
  const reasons = (replaceReasons ?? []).map(code).join(", ");
  const what = `${code(type)} ${code(name)}`;
  return `> - **${verb}** ${what}${data}${reasons && `, because of ${reasons}`}`;
}

/** Names below their types: a type is written once, so that a whole cloud fits into a comment. */
function foldedItems(steps: readonly Step[]): readonly string[] {
  const parts = steps
    .map(({ urn }) => partsOf(urn))
    // A type has no spaces.
    .sort((one, other) => (`${one.type} ${one.name}` < `${other.type} ${other.name}` ? -1 : 1));
  return parts.map(({ type, name }, index) => {
    const item = `  - ${code(name)}`;
    return type === parts[index - 1]?.type ? item : `- ${code(type)}\n${item}`;
  });
}

const stepsOf = (plan: Plan, op: string) => (plan.steps ?? []).filter((step) => step.op === op);

/** What goes, as one loud block: first what is replaced, and first of that what holds data. */
function loudSection(plan: Plan): Section | undefined {
  const going = groups
    .map(({ op, verb, loud }) => ({ verb, steps: loud ? stepsOf(plan, op) : [] }))
    .filter(({ steps }) => steps.length > 0);
  if (going.length === 0) return undefined;
  const atStake = ({ urn }: Step) => holdsData(partsOf(urn).type);
  const data = going.flatMap(({ steps }) => steps.filter(atStake)).length;
  const warning = data > 0 ? `, of which ${data} HOLD${data === 1 ? "S" : ""} DATA` : "";
  const counts = going.map(({ verb, steps }) => `${steps.length} ${verb}`).join(", ");
  const items = going.flatMap(({ verb, steps }) =>
    [...steps.filter(atStake), ...steps.filter((step) => !atStake(step))].map((step) =>
      loudItem(verb, step),
    ),
  );
  return { open: ["> [!CAUTION]", `> **${counts}${warning}**`], items, close: [""] };
}

function foldedSections(plan: Plan): readonly Section[] {
  return groups.flatMap(({ op, verb, loud }) => {
    const items = loud ? [] : foldedItems(stepsOf(plan, op));
    if (items.length === 0) return [];
    const open = ["<details>", `<summary>${items.length} ${verb}</summary>`, ""];
    return [{ open, items, close: ["", "</details>", ""] }];
  });
}

function messageOf({ urn, message = "", severity = "" }: Diagnostic): string {
  const plain = stripVTControlCharacters(message)
    .replace(/[^\P{C}\n\t]/gu, "")
    .replace(/^(error|warning): /, "")
    .trim();
  const short = plain.length > MESSAGE_LENGTH ? `${plain.slice(0, MESSAGE_LENGTH)} …` : plain;
  const fence = fenceFor(short, 3);
  const where = urn ? ` ${code(partsOf(urn).name)}` : "";
  return [`**${severity}**${where}`, `${fence}text`, short, fence, ""].join("\n");
}

function messagesOf(plan: Plan, severity: string): readonly Diagnostic[] {
  return (plan.diagnostics ?? []).filter((each) => each.severity === severity && each.message);
}

function headlineOf(plan: Plan, stack: string): string {
  const known: readonly string[] = ["same", ...groups.map(({ op }) => op)];
  const others = (plan.steps ?? []).filter(({ op }) => !known.includes(op)).length;
  const kinds = [
    ...groups.map(({ op, verb }) => ({ verb, count: stepsOf(plan, op).length })),
    { verb: "of another kind", count: others },
  ];
  const counts = kinds.flatMap(({ verb, count }) => (count > 0 ? [`${count} ${verb}`] : []));
  const all = [
    ...(messagesOf(plan, "error").length > 0 ? ["**the preview failed**"] : []),
    ...(counts.length > 0 ? counts : ["no changes"]),
    `${plan.changeSummary?.same ?? 0} unchanged`,
  ];
  return `### ${code(stack)}: ${all.join(", ")}`;
}

const sizeOf = (lines: readonly string[]) =>
  lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);

/** The sections, cut by whole items to so many bytes; what is cut is counted. */
function fit(sections: readonly Section[], bytes: number): { lines: string[]; leftOut: number } {
  const lines: string[] = [];
  let leftOut = 0;
  for (const { open, items, close } of sections) {
    const kept: string[] = [];
    for (const item of items) {
      if (sizeOf([...lines, ...open, ...kept, item, ...close]) > bytes) break;
      kept.push(item);
    }
    leftOut += items.length - kept.length;
    if (kept.length > 0) lines.push(...open, ...kept, ...close);
  }
  return { lines, leftOut };
}

/**
 * A plan as Markdown for people who decide: counts, what is replaced and deleted, errors and
 * warnings, the rest folded. Names and types only, no properties: there is no secret in it.
 *
 * @param plan undefined when there is none
 * @param limit bytes that the text may have; a comment on GitHub holds 65,536 characters
 */
export function renderPlan(
  plan: Plan | undefined,
  { stack, commit }: Heading,
  limit: number,
): string {
  const of = `Commit ${code(commit)}.`;
  if (!plan) return `### ${code(stack)}: **no plan**\n\nThe log says why. ${of}\n`;
  const loud = loudSection(plan);
  const messages = ["error", "warning"].map((severity) =>
    messagesOf(plan, severity).map(messageOf),
  );
  const sections = [
    ...(loud ? [loud] : []),
    ...messages.map((items) => ({ open: [], items, close: [] })),
    ...foldedSections(plan),
  ];
  const headline = [headlineOf(plan, stack), ""];
  const note = (count: number) =>
    count > 0 ? [`**${count} more are left out: the log has them.**`, ""] : [];
  const frame = sizeOf([...headline, ...note(Number.MAX_SAFE_INTEGER), of]);
  const { lines, leftOut } = fit(sections, limit - frame);
  return [...headline, ...lines, ...note(leftOut), of, ""].join("\n");
}
