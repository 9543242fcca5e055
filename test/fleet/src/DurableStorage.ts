import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { startServer } from "redis-servers"
import type { StorageKind } from "./SharedStorage.ts"

/** A storage that keeps what it has acknowledged, whatever faults it has. */
export interface DurableStorage extends AsyncDisposable {
  /** `file:/directory` or `redis://host:port`. */
  readonly url: string
  /** Each resolves when the storage works again. */
  readonly faults: Readonly<Record<string, () => Promise<void>>>
}

/** A folder above the directory is a link, so that every operation can fail at once, also for root. */
const startFile = async (): Promise<DurableStorage> => {
  const base = await mkdtemp(join(tmpdir(), "tokenkeep-durable-"))
  const [folder, file, link] = [join(base, "folder"), join(base, "file"), join(base, "link")]
  await mkdir(folder, { mode: 0o700 })
  await writeFile(file, "")
  await symlink(folder, link)
  const pointTo = async (target: string) => {
    const next = join(base, "next")
    await symlink(target, next)
    await rename(next, link)
  }
  return {
    url: `file:${join(link, "tokens")}`,
    faults: {
      "unreachable directory": async () => {
        await pointTo(file)
        await sleep(1_000)
        await pointTo(folder)
      }
    },
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true, maxRetries: 5 })
  }
}

const startRedis = async (): Promise<DurableStorage> => {
  const redis = await startServer({ config: { appendonly: "yes", appendfsync: "always" } })
  return {
    url: redis.url,
    faults: {
      hang: async () => {
        redis.signal("SIGSTOP")
        await sleep(1_000)
        redis.signal("SIGCONT")
      },
      outage: async () => {
        await redis.kill()
        await sleep(2_000)
        await redis.restart()
      }
    },
    [Symbol.asyncDispose]: redis.stop
  }
}

/** Starts an empty storage: a directory, or a Redis that writes each change to the disk before it responds. */
export const startDurableStorage = (kind: StorageKind): Promise<DurableStorage> =>
  kind === "file" ? startFile() : startRedis()
