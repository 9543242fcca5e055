import { mkdir, mkdtemp, readdir, rename, rm, symlink, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { startServer } from "redis-servers"

export const storageKinds = ["file", "redis"] as const
export type StorageKind = (typeof storageKinds)[number]

export interface StorageOptions {
  /** Whether a Redis writes each change to the disk before it responds, and so has its data after an outage. */
  readonly isDurable?: boolean
  /** How long an outage of a Redis lasts, in milliseconds. */
  readonly outageMillis?: number
}

/** A storage for the processes of a fleet, and the faults that it can have. */
export interface SharedStorage extends AsyncDisposable {
  /** `file:/directory` or `redis://host:port`. */
  readonly url: string
  /** Cuts or overwrites the stored tokens. */
  readonly tear: () => Promise<void>
  /** Removes everything that is stored, leases included. */
  readonly wipe: () => Promise<void>
  /** Makes the storage fail. Each resolves when it works again. */
  readonly faults: {
    /** The directory cannot be reached for a second. */
    readonly unreachable?: () => Promise<void>
    /** A Redis does not respond for a second. */
    readonly hang?: () => Promise<void>
    /** A Redis is down for a while, and empty afterwards unless it is durable. */
    readonly outage?: () => Promise<void>
  }
}

const startFile = async (): Promise<SharedStorage> => {
  const base = await mkdtemp(join(tmpdir(), "tokenkeep-shared-"))
  // A folder above the directory is a link, so that every operation can fail at once, also for root.
  const [folder, file, link] = [join(base, "folder"), join(base, "file"), join(base, "link")]
  await mkdir(folder, { mode: 0o700 })
  await writeFile(file, "")
  await symlink(folder, link)
  const directory = join(link, "tokens")
  const pointTo = async (target: string) => {
    const next = join(base, "next")
    await symlink(target, next)
    await rename(next, link)
  }
  let tears = 0
  // An unreadable lease lasts 15 s, which is longer than the waits that chaos allows, so leases are left alone.
  const records = async (): Promise<ReadonlyArray<string>> => {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile() && !/lock|tmp|lease/.test(entry.name))
      .map(({ name, parentPath }) => join(parentPath, name))
  }
  const remove = (path: string) => rm(path, { recursive: true, force: true, maxRetries: 5 })
  return {
    url: `file:${directory}`,
    tear: async () => {
      tears += 1
      // A directory or file that was removed at this moment has nothing to tear.
      for (const path of await records().catch(() => [])) {
        await (tears % 2 === 0 ? truncate(path, 10) : writeFile(path, "garbage", { flag: "r+" })).catch(() => undefined)
      }
    },
    wipe: () => remove(directory),
    faults: {
      unreachable: async () => {
        await pointTo(file)
        await sleep(1_000)
        await pointTo(folder)
      }
    },
    [Symbol.asyncDispose]: () => remove(base)
  }
}

const startRedis = async ({ isDurable = false, outageMillis = 5_000 }: StorageOptions): Promise<SharedStorage> => {
  const redis = await startServer({ config: isDurable ? { appendonly: "yes", appendfsync: "always" } : {} })
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
    wipe: async () => {
      await redis.command("FLUSHALL")
      await redis.restart()
    },
    faults: {
      hang: async () => {
        redis.signal("SIGSTOP")
        await sleep(1_000)
        redis.signal("SIGCONT")
      },
      outage: async () => {
        await redis.kill()
        await sleep(outageMillis)
        await redis.restart()
      }
    },
    [Symbol.asyncDispose]: redis.stop
  }
}

/** Starts an empty storage: a directory, or a Redis of its own. */
export const startStorage = (kind: StorageKind, options: StorageOptions = {}): Promise<SharedStorage> =>
  kind === "file" ? startFile() : startRedis(options)
