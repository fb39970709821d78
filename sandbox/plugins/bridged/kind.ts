import type { CheckFailure, Plain } from "../rpc/index.ts";

/** The shape that an input must have. */
export type FieldType = "string" | "number" | "boolean" | "strings" | "string-map" | "object";

/** One input of a kind of resource. */
export interface Field {
  readonly type: FieldType;
  readonly required?: true;
  /** What the state holds where the program gives nothing. */
  readonly default?: Plain;
  /** The other name of this input: what is given for one holds for both. */
  readonly alias?: string;
  /** Secret in the state, even where the program did not say so. */
  readonly secret?: true;
  /** A change is an update in place; without it a change replaces the resource. */
  readonly inPlace?: true;
  /** Known to the real plugin and refused here, with this reason. */
  readonly refused?: string;
}

/** Inputs by name, with defaults filled in and all wrapping of secrets taken off. */
export type Values = Readonly<Record<string, Plain>>;

/** What came into being, or was found by an import. */
export interface Made {
  readonly id: string;
  readonly outputs: Values;
}

/** A resource that was named by its ID alone. */
export interface Imported extends Made {
  readonly inputs: Values;
}

/**
 * One kind of resource as a plugin that is bridged from Terraform treats it: it lives in the
 * state only, nearly every change replaces it, and there is nothing to delete.
 */
export interface Kind {
  readonly fields: Readonly<Record<string, Field>>;
  /** Every output that is not an input, and whether it is secret. */
  readonly outputs: Readonly<Record<string, "open" | "secret">>;
  /** Faults beyond shapes. Inputs that are not known yet are left out of `values`. */
  validate?(values: Values): readonly CheckFailure[];
  make(values: Values): Promise<Made>;
  /** Reads a resource from its ID. Throws where the ID is malformed. */
  import?(id: string): Promise<Imported>;
  /** Outputs that time has changed, given the whole state; empty where it is still good. */
  expired?(state: Values): Values;
}
