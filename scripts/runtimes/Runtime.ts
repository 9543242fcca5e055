/** What came of one case. */
export interface Outcome {
  readonly name: string
  readonly millis: number
  readonly failure?: string
}

/** The programs of cases/, by what they check. */
export type Suite =
  | "deeply"
  | "denials"
  | "fetch"
  | "file"
  | "ioredis"
  | "ky"
  | "lifeInFiles"
  | "lifeInMemory"
  | "lifeInRedis"
  | "memory"
  | "redis"

/** What a suite is told. */
export interface Settings {
  /** The origin of the server that this process runs for it. */
  readonly driver: string
  /** A directory of its own, which does not exist yet. */
  readonly directory: string
  /** A Redis that everybody may use. */
  readonly redis: string
  /** A name that no other run of a suite has. */
  readonly run: string
}

/** Something that runs programs. */
export interface Runtime {
  readonly name: string
  readonly version: string
  readonly suites: ReadonlyArray<Suite>
  readonly run: (suite: Suite, settings: Settings) => Promise<ReadonlyArray<Outcome>>
}

/** Those that need nothing of the system but fetch. */
export const portable: ReadonlyArray<Suite> = ["memory", "deeply", "lifeInMemory"]

export const everywhere: ReadonlyArray<Suite> = [
  "memory",
  "file",
  "redis",
  "ioredis",
  "fetch",
  "ky",
  "deeply",
  "lifeInMemory",
  "lifeInFiles",
  "lifeInRedis"
]
