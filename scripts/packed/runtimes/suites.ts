/** The outcome of one case. */
export interface Outcome {
  readonly name: string
  readonly failure?: string
}

/** What a suite of programs/suites needs to know. */
export interface Settings {
  /** The origin of the server that the tests run for it: see fakeHosts.ts. */
  readonly driver: string
  /** A directory, which does not exist at first. */
  readonly directory: string
  readonly redis: string
}

export type RunSuite = (suite: string, settings: Settings) => Promise<ReadonlyArray<Outcome>>

/** Those that need nothing of the system but fetch. */
export const portable = ["memory", "deeply", "oauth2", "lifeInMemory"] as const

export const everywhere = [
  ...portable,
  "file",
  "redis",
  "ioredis",
  "fetch",
  "ky",
  "lifeInFiles",
  "lifeInRedis"
] as const

/** Those for Node alone, with the newest or the oldest version of undici that is supported. */
export const inNode = [
  { suite: "retention", undici: "newest" },
  { suite: "undici", undici: "newest" },
  { suite: "undici", undici: "oldest" },
  { suite: "undiciRetention", undici: "newest" },
  { suite: "undiciRetention", undici: "oldest" }
] as const

export type Suite = (typeof everywhere)[number]
