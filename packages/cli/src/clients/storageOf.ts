import type { CreateTokenKeepOptions } from "@tokenkeep/core"
import { FileStorage } from "@tokenkeep/storage-file"
import type { StorageSettings } from "../profiles/Config.ts"
import { type StoragePlace, storagePlace } from "./storagePlace.ts"

type StorageLayer = CreateTokenKeepOptions["storage"]

/** The layer of a storage. */
export const storageLayer = async (place: StoragePlace): Promise<StorageLayer> => {
  switch (place.type) {
    case "memory": {
      const { MemoryStorage } = await import("@tokenkeep/storage-memory")
      return MemoryStorage.layer()
    }
    case "file":
      return FileStorage.layer({ directory: place.directory })
    case "redis": {
      const { RedisStorage } = await import("@tokenkeep/storage-redis")
      return RedisStorage.layer({ url: place.url, prefix: place.prefix })
    }
  }
}

/** The storage of a profile. */
export const storageOf = (settings: StorageSettings | undefined): Promise<StorageLayer> =>
  storageLayer(storagePlace(settings))
