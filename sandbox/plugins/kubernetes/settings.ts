import { type PropertyMap, reveal } from "../rpc/index.ts";

/** The provider's settings, with the environment's answers where the program gave none. */
export interface Settings {
  /** Path or content; empty: KUBECONFIG or ~/.kube/config. */
  readonly kubeconfig: string;
  /** Context of the kubeconfig; empty: its current one. */
  readonly context: string;
  /** Cluster of the kubeconfig, in place of the context's own. */
  readonly cluster: string;
  /** Namespace for objects that name none; empty: the context's. */
  readonly namespace: string;
  readonly deleteUnreachable: boolean;
  readonly skipUpdateUnreachable: boolean;
  readonly enableConfigMapMutable: boolean;
  readonly enableSecretMutable: boolean;
  readonly enablePatchForce: boolean;
  readonly upsertExistingObjects: boolean;
}

const UNSUPPORTED: readonly string[] = ["renderYamlToDirectory"];

/**
 * Reads the provider's settings. Throws for those that a stand-in has not got.
 */
export function readSettings(
  config: PropertyMap,
  environment: NodeJS.ProcessEnv = process.env,
): Settings {
  const word = (name: string): string => {
    const value = config[name];
    return value === undefined || value === null ? "" : String(reveal(value));
  };
  const flag = (name: string, variable: string): boolean =>
    (word(name) || environment[variable]) === "true";
  for (const name of UNSUPPORTED.filter((one) => word(one) !== "")) {
    throw new Error(`provider setting ${name} is not supported by the stand-in; leave it out`);
  }
  if (
    (word("enableServerSideApply") || environment.PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY) === "false"
  ) {
    throw new Error(
      'provider setting enableServerSideApply is "false"; the stand-in supports "true" only',
    );
  }
  return {
    kubeconfig: word("kubeconfig"),
    context: word("context"),
    cluster: word("cluster"),
    namespace: word("namespace"),
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
    skipUpdateUnreachable: flag("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"),
    enableConfigMapMutable: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
    enableSecretMutable: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
    enablePatchForce: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    upsertExistingObjects: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
  };
}
