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
export const permissions: Readonly<Record<Suite, Permissions>> = {
  memory: none,
  deeply: none,
  file: files,
  redis,
  // Its dependency debug reads every variable there is, when it is loaded.
  ioredis: both(redis, () => ["--allow-env"]),
  fetch: loopback,
  ky: loopback,
  lifeInMemory: driver,
  lifeInFiles: both(driver, files),
  lifeInRedis: (settings) => [`--allow-net=${new URL(settings.driver).host},${new URL(settings.redis).host}`]
}
