import type { Call } from "../../../../apps/consul-setup/src/call.ts";
import { ConsulError } from "../../../../apps/shared/consul.ts";

/** An object as Consul has it. */
export type Entry = Readonly<Record<string, unknown>>;

/** A link from a token or a role to a policy. */
interface Link {
  readonly ID?: string;
  readonly Name: string;
}

/** Field that names an object of each kind, by the last part but one of its path. */
const keys = {
  policy: "ID",
  role: "ID",
  token: "AccessorID",
  "auth-method": "Name",
  "binding-rule": "ID",
} as const;

type Kind = keyof typeof keys;

const lists: Readonly<Record<string, Kind>> = {
  policies: "policy",
  roles: "role",
  tokens: "token",
  "auth-methods": "auth-method",
  "binding-rules": "binding-rule",
};

/** What a list leaves out, as Consul's does. */
const unlisted: Readonly<Record<Kind, readonly string[]>> = {
  policy: ["Rules"],
  role: [],
  token: ["SecretID"],
  "auth-method": ["Config"],
  "binding-rule": [],
};

/** Consul's access control in memory, with the rules that matter to whoever sets it up. */
export class FakeConsul {
  /** Requests that change something, in their order. */
  readonly writes: string[] = [];
  /** The number of the write that fails, from 1, and whether it is done all the same. */
  fails: { readonly at: number; readonly done: boolean } | undefined;
  readonly #entries: Record<Kind, Map<string, Entry>> = {
    policy: new Map(),
    role: new Map(),
    token: new Map(),
    "auth-method": new Map(),
    "binding-rule": new Map(),
  };
  #made = 0;

  readonly call: Call = async (method, path, body) => {
    if (method === "GET") return structuredClone(this.#read(path));
    this.writes.push(`${method} ${path}`);
    const isFailing = this.fails?.at === this.writes.length;
    if (isFailing && !this.fails?.done) throw new ConsulError(`${method} ${path} interrupted`);
    this.#write(method, path, structuredClone(body));
    if (isFailing) throw new ConsulError(`${method} ${path} interrupted`);
    return undefined;
  };

  /** All objects, without what Consul itself makes up, in an order of their own. */
  get state(): Readonly<Record<string, readonly string[]>> {
    const of = (kind: Kind) =>
      [...this.#entries[kind].values()].map((entry) => JSON.stringify(this.#plain(kind, entry)));
    return Object.fromEntries((Object.keys(keys) as Kind[]).map((kind) => [kind, of(kind).sort()]));
  }

  /** An object as it is, found by any of its fields. */
  find(kind: Kind, field: string, value: string): Entry | undefined {
    return [...this.#entries[kind].values()].find((entry) => entry[field] === value);
  }

  /** Somebody else's hand: `undefined` deletes. */
  put(kind: Kind, entry: Entry): void {
    this.#entries[kind].set(String(entry[keys[kind]]), entry);
  }

  /** Somebody else's hand, too. */
  drop(kind: Kind, id: unknown): void {
    this.#entries[kind].delete(String(id));
    if (kind === "policy") this.#unlink(String(id));
  }

  #plain(kind: Kind, entry: Entry): Entry {
    const { ID, Policies, ...rest } = entry;
    const linked = Policies as readonly Link[] | undefined;
    const fields = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      ...Object.fromEntries(fields),
      ...(kind === "role" || kind === "token" ? { Policies: linked?.map(({ Name }) => Name) } : {}),
    };
  }

  #read(path: string): unknown {
    const [, last = "", id] = /^\/v1\/acl\/([a-z-]+)(?:\/([^?]+))?(?:\?.*)?$/.exec(path) ?? [];
    const kind = lists[last];
    if (kind) {
      const all = [...this.#entries[kind].values()];
      const asked = new URL(path, "https://consul").searchParams.get("authmethod");
      return all
        .filter((entry) => asked === null || entry.AuthMethod === asked)
        .map((entry) =>
          Object.fromEntries(
            Object.entries(entry).filter(([key]) => !unlisted[kind].includes(key)),
          ),
        );
    }
    const found = this.#entries[last as Kind]?.get(id ?? "");
    if (!found) throw new ConsulError(`GET ${path} was answered 404`, 404);
    return found;
  }

  #write(method: string, path: string, body: object | undefined): void {
    const [, kind, id] = /^\/v1\/acl\/([a-z-]+)(?:\/(.+))?$/.exec(path) ?? [];
    if (!kind || !(kind in keys)) throw new ConsulError(`${method} ${path} was answered 404`, 404);
    const of = kind as Kind;
    if (method === "DELETE") {
      if (!this.#entries[of].has(id ?? "")) throw new ConsulError(`${path}: not there`, 404);
      this.drop(of, id);
      return;
    }
    const present = id === undefined ? undefined : this.#entries[of].get(id);
    if (id !== undefined && !present) throw new ConsulError(`${path}: not there`, 404);
    const key = keys[of];
    const entry: Entry = {
      ...(body as Entry),
      [key]: id ?? (body as Entry)[key] ?? `id-${++this.#made}`,
    };
    this.#refuseDoubles(of, entry, present);
    this.put(of, "Policies" in entry ? { ...entry, Policies: this.#linked(entry) } : entry);
  }

  /** Names are unique, and so are the secret parts of tokens. */
  #refuseDoubles(kind: Kind, entry: Entry, present: Entry | undefined): void {
    const field = kind === "token" ? "SecretID" : "Name";
    const others = [...this.#entries[kind].values()].filter((other) => other !== present);
    const isDouble =
      kind !== "binding-rule" && others.some((other) => other[field] === entry[field]);
    if (isDouble) throw new ConsulError(`${kind}: ${field} is taken`, 500);
  }

  #linked(entry: Entry): readonly Link[] {
    return (entry.Policies as readonly Link[]).map(({ ID, Name }) => {
      const policy = ID ? this.#entries.policy.get(ID) : this.find("policy", "Name", Name);
      if (!policy) throw new ConsulError(`no policy ${Name}`, 500);
      return { ID: String(policy.ID), Name: String(policy.Name) };
    });
  }

  /** A policy that goes is linked to no longer. */
  #unlink(id: string): void {
    for (const kind of ["role", "token"] as const) {
      for (const entry of this.#entries[kind].values()) {
        const links = (entry.Policies ?? []) as readonly Link[];
        this.put(kind, { ...entry, Policies: links.filter(({ ID }) => ID !== id) });
      }
    }
  }
}
