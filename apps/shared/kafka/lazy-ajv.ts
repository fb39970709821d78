import type { AnySchema, ValidateFunction } from "ajv";
import type { Ajv2020 as RealAjv } from "ajv/dist/2020.js";

type Keyword = Parameters<RealAjv["addKeyword"]>[0];

/**
 * Stands in for `ajv/dist/2020.js` in the bundles. The Kafka client compiles some sixty schemas as it
 * loads, 190 ms of a start, and needs one or two of them later; here each is compiled when it is first used.
 */
export class Ajv2020 {
  readonly #options: object;
  readonly #keywords: Keyword[] = [];
  #real: RealAjv | undefined;

  constructor(options: object) {
    this.#options = options;
  }

  /** Keeps a keyword for when the first schema is compiled. */
  addKeyword(keyword: Keyword): void {
    this.#keywords.push(keyword);
  }

  /** A validator that compiles `schema` at its first call. */
  compile(schema: AnySchema): (data: unknown) => boolean {
    let real: ValidateFunction | undefined;
    const validate = (data: unknown): boolean => {
      real ??= this.#ajv().compile(schema);
      const valid = real(data) as boolean;
      validate.errors = real.errors;
      return valid;
    };
    validate.errors = null as ValidateFunction["errors"];
    return validate;
  }

  /** The faults that a validator left, as text. */
  errorsText(...input: Parameters<RealAjv["errorsText"]>): string {
    return this.#ajv().errorsText(...input);
  }

  #ajv(): RealAjv {
    if (!this.#real) {
      // Without the ending: with it, the name would lead back here.
      const { Ajv2020: Real } = require("ajv/dist/2020") as typeof import("ajv/dist/2020.js");
      this.#real = new Real(this.#options);
      for (const keyword of this.#keywords) {
        this.#real.addKeyword(keyword);
      }
    }
    return this.#real;
  }
}
