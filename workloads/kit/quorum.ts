import * as pulumi from "@pulumi/pulumi";

/**
 * Refuses numbers of servers that have no majority, or one that costs more than it saves.
 *
 * @param system what people call it
 * @throws pulumi.RunError naming the system, the number got and those allowed
 */
export function requireOdd(system: string, replicas: number) {
  if (![1, 3, 5, 7].includes(replicas)) {
    throw new pulumi.RunError(
      `${system} cannot have ${replicas} replicas: a majority needs an odd number; ` +
        "allowed: 1, 3, 5, 7; take 3 to survive the loss of one server, 5 for two",
    );
  }
}
