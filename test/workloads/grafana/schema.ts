import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type AnySchemaObject, type ValidateFunction } from "ajv";
import { createGenerator } from "ts-json-schema-generator";
import { cacheRoot } from "../../../sandbox/paths.ts";
import type { PanelModel } from "./dashboards.ts";

const root = join(__dirname, "../../..");
const typesFile = join(__dirname, "sdkTypes.ts");
const types = [
  "DashboardModel",
  "PrometheusQuery",
  "InfluxdbQuery",
  "StatPanelOptions",
  "GraphPanelOptions",
  "GraphPanelField",
] as const;
type Type = (typeof types)[number];

/** Says what is wrong with a dashboard, as `<where> <what>`; nothing wrong: none. */
export type Check = (model: object) => string[];

/** Checks dashboards by schemas made from the SDK's typings; anything that they do not name is a fault. */
export function dashboardCheck(): Check {
  const schemas = cachedSchemas();
  const ajv = new Ajv({ allErrors: true, strict: false });
  // To the SDK a query is an empty interface, for which any is good that has nothing in it.
  const queries = (["PrometheusQuery", "InfluxdbQuery"] as const).map((type) =>
    inlined(schemas[type]),
  );
  const dashboard = ajv.compile({
    ...schemas.DashboardModel,
    definitions: { ...schemas.DashboardModel.definitions, Dataquery: { anyOf: queries } },
  });
  const stat = ajv.compile(schemas.StatPanelOptions);
  const graph = ajv.compile(schemas.GraphPanelOptions);
  const field = ajv.compile(schemas.GraphPanelField);
  return (model) => {
    const { panels = [] } = model as { readonly panels?: readonly PanelModel[] };
    return [
      ...faults("", dashboard, model),
      ...panels.flatMap(({ type, title, options, fieldConfig }) => {
        if (type === "stat") return faults(`${title} options`, stat, options);
        if (type !== "timeseries") return [];
        return [
          ...faults(`${title} options`, graph, options),
          ...faults(`${title} custom`, field, fieldConfig?.defaults.custom),
        ];
      }),
    ];
  };
}

function faults(of: string, validate: ValidateFunction, value: unknown): string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    return `${of}${instancePath} ${message} ${JSON.stringify(params)}`;
  });
}

/** A schema without references to definitions of its own, to stand within another. */
function inlined(schema: AnySchemaObject) {
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== "object" || value === null) return value;
    if ("$ref" in value) {
      const name = decodeURIComponent(String(value.$ref).replace("#/definitions/", ""));
      return resolve(schema.definitions?.[name]);
    }
    return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, resolve(of)]));
  };
  return resolve({ $ref: schema.$ref }) as AnySchemaObject;
}

/** Making them takes seconds: so they are kept, by all that they are made from. */
function cachedSchemas(): Record<Type, AnySchemaObject> {
  const madeFrom = [
    typesFile,
    join(root, "workloads/kit/influxQuery.ts"),
    join(root, "node_modules/@grafana/grafana-foundation-sdk/package.json"),
    join(root, "node_modules/ts-json-schema-generator/package.json"),
  ];
  const hash = createHash("sha256");
  for (const file of madeFrom) hash.update(readFileSync(file));
  const folder = join(cacheRoot(), "schemas");
  const file = join(folder, `${hash.digest("hex")}.json`);
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    const made = makeSchemas();
    mkdirSync(folder, { recursive: true });
    // Whole or not at all: other tests may run beside.
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(made));
    renameSync(`${file}.${process.pid}`, file);
    return made;
  }
}

function makeSchemas(): Record<Type, AnySchemaObject> {
  const generator = createGenerator({
    path: typesFile,
    tsconfig: join(root, "tsconfig.json"),
    skipTypeCheck: true,
    additionalProperties: false,
  });
  const made = types.map((type) => [type, generator.createSchema(type)] as const);
  return Object.fromEntries(made) as Record<Type, AnySchemaObject>;
}
