import type { Kind } from "../bridged/kind.ts";
import { randomPassword, randomString } from "./texts.ts";
import { randomBytesKind, randomId, randomInteger, randomUuid } from "./values.ts";

/** What the stand-in for the random plugin (SDK 4.21) can make, by type token. */
export const RANDOM_KINDS: Readonly<Record<string, Kind>> = {
  "random:index/randomBytes:RandomBytes": randomBytesKind,
  "random:index/randomId:RandomId": randomId,
  "random:index/randomInteger:RandomInteger": randomInteger,
  "random:index/randomPassword:RandomPassword": randomPassword,
  "random:index/randomString:RandomString": randomString,
  "random:index/randomUuid:RandomUuid": randomUuid,
};
