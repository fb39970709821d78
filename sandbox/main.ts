import { sandboxUp } from "./up.ts";
import { messageOf } from "./wait.ts";

sandboxUp().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
