import { randomInt } from "node:crypto";

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const NUMERIC = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** What a random string may and must hold; lengths and least counts in characters. */
export interface StringRules {
  readonly length: number;
  readonly upper: boolean;
  readonly lower: boolean;
  readonly numeric: boolean;
  readonly special: boolean;
  readonly minUpper: number;
  readonly minLower: number;
  readonly minNumeric: number;
  readonly minSpecial: number;
  /** ASCII characters in place of the usual special ones; empty: the usual ones. */
  readonly overrideSpecial: string;
}

/**
 * Draws a string by `rules` from the operating system's random numbers. As in the real plugin a
 * least count above zero brings its characters in even where their class is switched off.
 * Throws a `RangeError` where characters are left to draw and every class is switched off.
 */
export function drawString(rules: StringRules): string {
  const special = rules.overrideSpecial === "" ? SPECIAL : rules.overrideSpecial;
  const required = [
    ...draw(UPPER, rules.minUpper),
    ...draw(LOWER, rules.minLower),
    ...draw(NUMERIC, rules.minNumeric),
    ...draw(special, rules.minSpecial),
  ];
  const allowed =
    (rules.upper ? UPPER : "") +
    (rules.lower ? LOWER : "") +
    (rules.numeric ? NUMERIC : "") +
    (rules.special ? special : "");
  return shuffle([...required, ...draw(allowed, rules.length - required.length)]).join("");
}

function draw(alphabet: string, count: number): string[] {
  return Array.from({ length: count }, () => alphabet.charAt(randomInt(alphabet.length)));
}

// Without this the required characters would always stand in front.
function shuffle(characters: readonly string[]): string[] {
  const keyed = characters.map((character) => ({ character, key: randomInt(2 ** 47) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ character }) => character);
}
