import type { Settings, Suite } from "./Runtime.ts"

type Permissions = (settings: Settings) => ReadonlyArray<string>

const none: Permissions = () => []
const driver: Permissions = (settings) => [`--allow-net=${new URL(settings.driver).host}`]
const redis: Permissions = (settings) => [`--allow-net=${new URL(settings.redis).host}`]
const files: Permissions = ({ directory }) => [`--allow-read=${directory}`, `--allow-write=${directory}`]
const loopback: Permissions = () => ["--allow-net=127.0.0.1"]
const both =
  (first: Permissions, second: Permissions): Permissions =>
  (settings) => [...first(settings), ...second(settings)]

/** The narrowest that Deno has to be given for each suite. docs/runtimes.md lists what follows for users. */
export const permissions: Readonly<Record<Exclude<Suite, "denials">, Permissions>> = {
  memory: none,
  deeply: none,
  file: files,
  // By a URL nothing more than this is needed, as lifeInRedis shows; a client of the user's own reads that variable.
  redis: both(redis, () => ["--allow-env=REDIS_DEBUG_MAINTENANCE"]),
  // Its dependency debug reads every variable there is, when it is loaded.
  ioredis: both(redis, () => ["--allow-env"]),
  fetch: loopback,
  ky: loopback,
  lifeInMemory: driver,
  lifeInFiles: both(driver, files),
  lifeInRedis: (settings) => [`--allow-net=${new URL(settings.driver).host},${new URL(settings.redis).host}`]
}

export interface Denial {
  readonly name: string
  /** What denied.js is told, beyond where its servers are. */
  readonly told: { readonly key?: string; readonly storage: "default" | "file" | "memory" | "redis" }
  readonly given: Permissions
  /** What the error has to name. */
  readonly names: (settings: Settings) => string
}

const key = "sk-of-this-case"

/** What a user sees who gave too little: an error that names the flag. */
export const denials: ReadonlyArray<Denial> = [
  {
    name: "without --allow-net, the error names it and the host",
    told: { key, storage: "memory" },
    given: none,
    names: (settings) => driver(settings).join()
  },
  {
    name: "without --allow-env, the error names it and the variable of the key",
    told: { storage: "memory" },
    given: driver,
    names: () => "--allow-env=DEEPLY_API_KEY"
  },
  {
    name: "without --allow-env, the error names it and the variable of the default directory",
    told: { key, storage: "default" },
    given: driver,
    names: () => "--allow-env=XDG_STATE_HOME"
  },
  {
    name: "without --allow-read, the error names it",
    told: { key, storage: "file" },
    given: both(driver, ({ directory }) => [`--allow-write=${directory}`]),
    names: () => "--allow-read"
  },
  {
    name: "without --allow-write, the error names it",
    told: { key, storage: "file" },
    given: both(driver, ({ directory }) => [`--allow-read=${directory}`]),
    names: () => "--allow-write"
  },
  {
    name: "without --allow-net for Redis, the error names it",
    told: { key, storage: "redis" },
    given: driver,
    names: () => "--allow-net"
  }
]
