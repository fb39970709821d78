import { z } from "zod";

const schema = z.strictObject({
  /** Name of the way to log in. */
  authMethod: z.string().min(1),
  policies: z.array(z.strictObject({ name: z.string().min(1), rules: z.string() })),
  /** Tokens of which the secret part is in the file `<name>-token`; each has the policy `name`. */
  tokens: z.array(z.strictObject({ name: z.string().min(1), accessor: z.uuid() })),
  /** Who gets which role by logging in. */
  logins: z.array(z.strictObject({ role: z.string().min(1), selector: z.string().min(1) })),
});

/** Everything that is to be there in Consul's access control, and nothing secret. */
export type Wanted = Readonly<z.infer<typeof schema>>;

/** Reads acl.json. Throws naming the first fault. */
export function parseWanted(text: string): Wanted {
  const result = schema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  const [fault] = result.error.issues;
  throw new Error(`acl.json: ${fault?.path.join(".")}: ${fault?.message}`);
}
