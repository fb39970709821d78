import { z } from "zod";

const name = z.string().regex(/^[a-z][a-z0-9_]*$/, "allowed: lower-case letters, digits and _");
const hours = z.number().int().min(1);

const schema = z.strictObject({
  database: name,
  /** How long points are kept; the first is where they go that name none. */
  retentions: z.array(z.strictObject({ name, hours, shardHours: hours })).min(1),
  /** By the name of each the whole statement, as InfluxDB itself writes it. */
  continuousQueries: z.array(z.strictObject({ name, statement: z.string().min(1) })),
  /** Who may do what in the database; the password is in the file of that name. */
  users: z.array(z.strictObject({ name, right: z.enum(["READ", "WRITE"]) })),
});

/** Everything that is to be there in InfluxDB, and nothing secret. */
export type Wanted = Readonly<z.infer<typeof schema>>;

/** Reads wanted.json. Throws naming the first fault. */
export function parseWanted(text: string): Wanted {
  const result = schema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  const [fault] = result.error.issues;
  throw new Error(`wanted.json: ${fault?.path.join(".")}: ${fault?.message}`);
}
