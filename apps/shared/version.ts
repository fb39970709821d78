/** Put in by the bundler. */
declare const APP_VERSION: string | undefined;

/** Version of the running bundle; `dev` when the sources run unbundled. */
export const appVersion: string = typeof APP_VERSION === "string" ? APP_VERSION : "dev";
