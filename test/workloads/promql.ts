/** Words of PromQL that name no metric. */
const WORDS = new Set([
  ..."and or unless on ignoring group_left group_right by without bool offset".split(" "),
  ..."inf nan start end atan2".split(" "),
]);

/** Words after which names of labels stand in brackets. */
const BEFORE_LABELS = "by|without|on|ignoring|group_left|group_right";

/**
 * Names of the metrics that an expression asks for, sorted. Good for what we write, not for all that
 * PromQL allows: no metrics by `__name__`, no comments.
 *
 * @throws Error when brackets or quotes have no other half
 */
export function metricsOf(expr: string): string[] {
  const bare = withoutTexts(expr)
    .replace(/\{[^{}]*\}/g, " ")
    .replace(/\[[^[\]]*\]/g, " ")
    .replace(new RegExp(`\\b(${BEFORE_LABELS})\\s*\\([^()]*\\)`, "g"), " ");
  const names = [...bare.matchAll(/(?<![\w.:$])[A-Za-z_:][\w:]*(?![\w:]|\s*\()/g)]
    .map(([name]) => name)
    .filter((name) => !WORDS.has(name.toLowerCase()));
  return [...new Set(names)].sort();
}

/** The expression with empty texts, once all that opens is found to close. */
function withoutTexts(expr: string): string {
  const bare = expr.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '""');
  const open: string[] = [];
  const closes: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
  for (const sign of bare.replaceAll('""', "")) {
    if ("([{".includes(sign)) open.push(sign);
    const opener = closes[sign];
    if (opener !== undefined && open.pop() !== opener) throw unbalanced(expr, sign);
    if ("\"'`".includes(sign)) throw unbalanced(expr, sign);
  }
  const left = open.pop();
  if (left !== undefined) throw unbalanced(expr, left);
  return bare;
}

function unbalanced(expr: string, sign: string): Error {
  return new Error(`${sign} has no other half in ${expr}`);
}
