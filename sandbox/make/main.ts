import { parseArgs } from "node:util";
import { sandboxUp } from "../up.ts";
import * as commands from "./commands.ts";
import { pickOutput } from "./outputs.ts";
import { clusterOf, openSession } from "./session.ts";
import { ui } from "./ui.ts";

/**
 * What the Makefile calls: one command on one stack, in the environment that all of them share.
 * Exits with the code of the program it ran, or with 1 and one line on standard error.
 */
async function main(argv: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      stack: { type: "string", default: "dev" },
      yes: { type: "string" },
      app: { type: "string" },
      name: { type: "string" },
      port: { type: "string" },
      follow: { type: "string" },
      cmd: { type: "string" },
      promql: { type: "string" },
      json: { type: "string" },
    },
  });
  const [command] = positionals;
  const need = (key: "app" | "name" | "cmd" | "promql", example: string) => {
    const value = values[key];
    if (value) return value;
    throw new Error(`${command} needs ${key}=..., for example make ${command} ${key}=${example}`);
  };
  if (command === "up" && clusterOf(values.stack) === "sandbox") await sandboxUp();
  const session = openSession(values.stack);
  switch (command) {
    case "up":
      return commands.up(session);
    case "preview":
      return commands.pulumi(session, "preview", values.json === "1" ? "--json" : "--diff");
    case "refresh":
      return commands.pulumi(session, "refresh", "--yes");
    case "destroy":
      return commands.destroy(session, values.yes ?? "");
    case "outputs":
      return commands.pulumi(session, "stack", "output");
    case "output":
      console.log(pickOutput(await commands.outputs(session), need("name", "urls.web")));
      return 0;
    case "logs":
      return commands.logs(session, need("app", "worker"), values.follow === "1");
    case "forward":
      return commands.forward(session, need("app", "api"), values.port);
    case "ui":
      return ui(session, await commands.outputs(session, true), need("app", "consul"), values.port);
    case "login":
      console.log(
        pickOutput(await commands.outputs(session, true), `logins.${need("app", "consul")}`),
      );
      return 0;
    case "consul":
      return commands.consul(session, need("cmd", "members"));
    case "query":
      return commands.query(session, need("promql", "'up == 0'"));
    case "run":
      return commands.show(session, "sh", ["-c", need("cmd", "'kubectl get pods -A'")]);
    case "shell":
      return commands.show(session, process.env.SHELL ?? "sh", []);
    default:
      throw new Error(`no command ${command}; \`make help\` lists them`);
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  },
);
