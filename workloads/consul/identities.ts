import type * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../infra/pki.ts";
import type { Identity } from "../kit/labels.ts";
import { createTlsSecret, type TlsSecret } from "../kit/tlsSecret.ts";
import { names } from "./config.ts";

/** What the certificates are made of. */
export interface IdentitiesArgs {
  /** Authority of the stack: it vouches for the API. */
  readonly authority: CertificateAuthority;
  readonly datacenter: string;
  readonly domain: string;
  readonly namespace: pulumi.Input<string>;
  readonly server: Identity;
  readonly agent: Identity;
}

/** Certificates of one kind of agent, as its pods mount them. */
export interface MemberCertificates {
  /** Towards those that ask for the API; volume `tls`. */
  readonly api: TlsSecret;
  /** Towards other agents; volume `member-tls`. */
  readonly member: TlsSecret;
}

/** Name under which the API of servers or of client agents is asked. */
export function servedName(part: "server" | "agent"): string {
  return `${part === "server" ? names.servers : names.agents}.${names.namespace}.svc`;
}

/**
 * Certificates of servers and client agents: one for the API, signed by the stack's authority, and
 * one for what agents say to each other, signed by an authority of their own. Only a server's has
 * the name that makes a server.
 */
export function createIdentities(
  name: string,
  args: IdentitiesArgs,
  parent: pulumi.Resource,
): Readonly<Record<"server" | "agent", MemberCertificates>> {
  const { authority, datacenter, domain } = args;
  const members = new CertificateAuthority(
    `${name}-members`,
    { organization: "consul members", edition: authority.edition, beside: authority },
    { parent },
  );
  const of = (part: "server" | "agent"): MemberCertificates => {
    const called = part === "server" ? name : `${name}-agent`;
    const service = servedName(part);
    const api = authority.issue(
      called,
      { commonName: called, dnsNames: [service, `${service}.cluster.local`, "localhost"] },
      { parent },
    );
    const role = part === "server" ? "server" : "client";
    const member = members.issue(`${called}-member`, {
      commonName: `${role}.${datacenter}.${domain}`,
      dnsNames: [`${role}.${datacenter}.${domain}`, "localhost"],
    });
    const common = { identity: args[part], namespace: args.namespace };
    return {
      api: createTlsSecret(called, { ...common, leaf: api }, "tls", parent),
      member: createTlsSecret(
        `${called}-member`,
        { ...common, leaf: member },
        "member-tls",
        parent,
      ),
    };
  };
  return { server: of("server"), agent: of("agent") };
}

/** What all pods of one kind of agent mount. */
export function volumesOf({ api, member }: MemberCertificates) {
  return [api.volume, member.volume];
}

/** What rolls the pods of one kind of agent. */
export function checksumsOf({ api, member }: MemberCertificates) {
  return { certificate: api.checksum, "member-certificate": member.checksum };
}
