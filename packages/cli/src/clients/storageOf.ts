import type { CreateTokenKeepOptions } from "@tokenkeep/core"
import { FileStorage } from "@tokenkeep/storage-file"
import type { StorageSettings } from "../profiles/Config.ts"
import { referencedSecret } from "../secrets/referencedSecret.ts"

type StorageLayer = CreateTokenKeepOptions["storage"]

const redis = async (url: string, prefix?: string): Promise<StorageLayer> => {
  const { RedisStorage } = await import("@tokenkeep/storage-redis")
  return RedisStorage.layer({ url, prefix })
}

/** The storage of a profile: Redis if `REDIS_URL` is set, else files, so that all commands share one token. */
export const storageOf = async (settings: StorageSettings | undefined): Promise<StorageLayer> => {
  if (settings?.type === "memory") {
    const { MemoryStorage } = await import("@tokenkeep/storage-memory")
    return MemoryStorage.layer()
  }
  if (settings?.type === "file") return FileStorage.layer({ directory: settings.directory })
  const url = referencedSecret(settings?.url, "REDIS_URL")
  if (settings === undefined && url === undefined) return FileStorage.layer()
  return redis(url ?? "", settings?.prefix)
}
