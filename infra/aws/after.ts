import * as pulumi from "@pulumi/pulumi";

/**
 * A value that is known only once some resources stand: what takes it is made after them and
 * deleted before them, without naming them.
 */
export function after(
  value: pulumi.Input<string>,
  resources: readonly pulumi.Resource[],
): pulumi.Output<string> {
  // Their URNs and not their IDs: a preview knows those of resources that are yet to be made, and
  // so keeps knowing the value.
  const urns = pulumi.all(resources.map(({ urn }) => urn));
  return pulumi.all([value, urns]).apply(([known]) => known);
}
