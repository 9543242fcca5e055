import type { Settings, Suite } from "./suites.ts"

/** The narrowest permissions that each suite can run with. docs/runtimes.md says what follows for users. */
export const permissions: Readonly<Record<Suite, string>> = {
  memory: "",
  deeply: "",
  oauth2: "",
  file: "READ WRITE",
  // lifeInRedis shows that a URL needs no more than its host; the node-redis client of a user reads that variable.
  redis: "REDIS --allow-env=REDIS_DEBUG_MAINTENANCE",
  // A dependency of ioredis, debug, reads every variable when it is loaded.
  ioredis: "REDIS --allow-env",
  fetch: "--allow-net=127.0.0.1",
  ky: "--allow-net=127.0.0.1",
  lifeInMemory: "DRIVER",
  lifeInFiles: "DRIVER READ WRITE",
  lifeInRedis: "DRIVER REDIS"
}

const apiKey = "sk-of-this-case"

/** Permissions that are too few, and the flag that the error must name. */
export const denials = [
  { storage: "memory", apiKey, given: "", names: "DRIVER" },
  { storage: "memory", given: "DRIVER", names: "--allow-env=DEEPLY_API_KEY" },
  { storage: "default", apiKey, given: "DRIVER", names: "--allow-env=XDG_STATE_HOME" },
  { storage: "file", apiKey, given: "DRIVER WRITE", names: "--allow-read" },
  { storage: "file", apiKey, given: "DRIVER READ", names: "--allow-write" },
  { storage: "redis", apiKey, given: "DRIVER", names: "--allow-net" }
]

/** The flags behind the words in capitals above. */
export const flagsOf = (words: string, { directory, driver, redis }: Settings): ReadonlyArray<string> => {
  const flags: Readonly<Record<string, string>> = {
    DRIVER: `--allow-net=${new URL(driver).host}`,
    REDIS: `--allow-net=${redis.replace("redis://", "")}`,
    READ: `--allow-read=${directory}`,
    WRITE: `--allow-write=${directory}`
  }
  return words === "" ? [] : words.split(" ").map((word) => flags[word] ?? word)
}
