import { existsSync } from "node:fs"
import type { CreateRival } from "./Rival.ts"

/** How a client takes part in the race. */
export interface Entry {
  /** The module that creates it, relative to this file, and the function. */
  readonly module: string
  readonly create?: string
  /** Where it takes part in addition to the tables of all. */
  readonly isShared?: "file" | "redis"
  /** What is written by hand around the library. */
  readonly byHand: string
  /** Tables that it leaves out, because another entry of the same library is the same there. */
  readonly omits?: ReadonlyArray<Part>
}

export type Part = "token" | "requests" | "stampede" | "fleet" | "revocation" | "footprint"

const nothing = "nothing"
const tokenkeep = "rivals/tokenkeep.ts"

export const entries: Readonly<Record<string, Entry>> = {
  tokenkeep: { module: tokenkeep, byHand: nothing, omits: ["fleet"] },
  "tokenkeep, no shared storage": {
    module: tokenkeep,
    byHand: nothing,
    omits: ["token", "requests", "stampede", "revocation", "footprint"]
  },
  "tokenkeep, peek()": {
    module: tokenkeep,
    create: "createPeek",
    byHand: nothing,
    omits: ["requests", "stampede", "fleet", "revocation", "footprint"]
  },
  "tokenkeep/oauth2": { module: tokenkeep, create: "createWithExpiry", byHand: nothing, omits: ["fleet"] },
  "tokenkeep/undici": {
    module: tokenkeep,
    create: "createOverUndici",
    byHand: nothing,
    omits: ["token", "fleet", "footprint"]
  },
  "tokenkeep/file": {
    module: tokenkeep,
    create: "createShared",
    byHand: nothing,
    isShared: "file",
    omits: ["token", "requests", "footprint"]
  },
  "tokenkeep/redis": {
    module: tokenkeep,
    create: "createShared",
    byHand: nothing,
    isShared: "redis",
    omits: ["token", "requests", "footprint"]
  },
  "tokenkeep, a pool": {
    module: tokenkeep,
    create: "createInPool",
    byHand: nothing,
    omits: ["token", "requests", "stampede", "fleet", "revocation", "footprint"]
  },
  wrapper: { module: "rivals/wrapper.ts", byHand: "everything, in 20 lines: cache, shared token request, one retry" },
  "wrapper, no expiry": {
    module: "rivals/wrapper.ts",
    create: "createWithoutExpiry",
    byHand: "the same for tokens that do not say when they expire",
    omits: ["requests", "stampede", "fleet", "revocation", "footprint"]
  },
  "google-auth-library": {
    module: "../../rivals/google.ts",
    byHand: "nothing; its endpoint is set to the server of the race, and `forceRefreshOnFailure`"
  },
  "@azure/core-rest-pipeline": {
    module: "../../rivals/azure.ts",
    byHand: "the token request, the callback for a 401, and a client that turns https into http for the loopback"
  },
  "@smithy/property-provider": {
    module: "../../rivals/smithy.ts",
    byHand: "the token request, the request, and the retry after a 401"
  },
  "simple-oauth2": {
    module: "rivals/simpleOAuth2.ts",
    byHand: "the cache, a variable and `expired(300)` as in its README; the request"
  },
  "@badgateway/oauth2-client": { module: "rivals/badgateway.ts", byHand: nothing },
  "openid-client": { module: "rivals/openidClient.ts", byHand: "the cache, a variable and `expiresIn()`" },
  "axios-auth-refresh": {
    module: "../../rivals/axios.ts",
    byHand: "the token request and the interceptor that adds the token, as in its README"
  },
  "ky, its recipe": {
    module: "rivals/ky.ts",
    byHand: "the token request and the hooks, as in its README, which has a refresh for each 401"
  },
  "@octokit/auth-app": { module: "../../rivals/octokit.ts", byHand: nothing },
  "undici interceptor": {
    module: "rivals/undici.ts",
    byHand: "everything: an interceptor, a cache with a shared token request, no retry"
  }
}

/** The entries that take part: those of this repository, and those whose libraries `pnpm bench` has installed. */
export const entriesOf = (part: Part): ReadonlyArray<string> => {
  const isInstalled = existsSync(new URL("../../rivals/node_modules", import.meta.url))
  return Object.entries(entries)
    .filter(([, { module, omits }]) => omits?.includes(part) !== true && (isInstalled || !module.startsWith("../")))
    .map(([name]) => name)
}

export const moduleOf = (name: string): string => new URL(entries[name]?.module ?? "", import.meta.url).href

/** Imports the function that creates clients. */
export const load = async (name: string): Promise<CreateRival> => {
  const exports = (await import(moduleOf(name))) as Readonly<Record<string, CreateRival>>
  const create = exports[entries[name]?.create ?? "create"]
  if (create === undefined) throw new Error(`There is no ${name} in the race.`)
  return create
}
