import { mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { startServer } from "redis-servers"

export const storageKinds = ["file", "redis"] as const
export type StorageKind = (typeof storageKinds)[number]

/** A storage for the processes of a fleet, and the faults that it can have. */
export interface SharedStorage extends AsyncDisposable {
  /** `file:/directory` or `redis://host:port`. */
  readonly url: string
  /** Cuts or overwrites the stored tokens. */
  readonly tear: () => Promise<void>
  /** Removes everything that is stored, leases included. */
  readonly wipe: () => Promise<void>
  /** The storage does not respond for a second. */
  readonly hang?: () => Promise<void>
  /** The storage is down for five seconds, and empty afterwards. */
  readonly outage?: () => Promise<void>
}

const startFile = async (): Promise<SharedStorage> => {
  const directory = await mkdtemp(join(tmpdir(), "tokenkeep-shared-"))
  let tears = 0
  const wipe = () => rm(directory, { recursive: true, force: true, maxRetries: 5 })
  // An unreadable lease lasts 15 s, which is longer than the waits that chaos allows, so leases are left alone.
  const records = async (): Promise<ReadonlyArray<string>> => {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile() && !/lock|tmp|lease/.test(entry.name))
      .map(({ name, parentPath }) => join(parentPath, name))
  }
  return {
    url: `file:${directory}`,
    tear: async () => {
      tears += 1
      // A directory or file that was removed at this moment has nothing to tear.
      for (const path of await records().catch(() => [])) {
        await (tears % 2 === 0 ? truncate(path, 10) : writeFile(path, "garbage", { flag: "r+" })).catch(() => undefined)
      }
    },
    wipe,
    [Symbol.asyncDispose]: wipe
  }
}

const startRedis = async (): Promise<SharedStorage> => {
  const redis = await startServer()
  let tears = 0
  return {
    url: redis.url,
    tear: async () => {
      tears += 1
      // In turn: the fence at the beginning, and the text behind it.
      const offset = tears % 2 === 0 ? "0" : "20"
      const records = (await redis.command("KEYS", "*:tok")) as ReadonlyArray<string>
      for (const key of records) await redis.command("SETRANGE", key, offset, "garbage")
    },
    wipe: redis.restart,
    hang: async () => {
      redis.signal("SIGSTOP")
      await sleep(1_000)
      redis.signal("SIGCONT")
    },
    outage: async () => {
      await redis.kill()
      await sleep(5_000)
      await redis.restart()
    },
    [Symbol.asyncDispose]: redis.stop
  }
}

/** Starts an empty storage: a directory, or a Redis of its own. */
export const startStorage = (kind: StorageKind): Promise<SharedStorage> =>
  kind === "file" ? startFile() : startRedis()
