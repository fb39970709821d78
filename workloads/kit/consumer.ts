/** A workload that uses Consul, and all that it may do there. */
export interface Consumer {
  /** Name of its policy, its role and its rule, unique in the stack. */
  readonly name: string;
  /** Namespace of its pods. */
  readonly namespace: string;
  /** Name of its pods' ServiceAccount, by whose token it logs in. */
  readonly serviceAccount: string;
  /** Names of the services that it registers. */
  readonly registers: readonly string[];
  /** Names of the services that it looks up. */
  readonly reads: readonly string[];
  /** True: it asks Consul's own servers and agents for their metrics. @default false */
  readonly metrics?: true;
}
