import type { TokenStorage } from "@tokenkeep/core"
import { FileStorage } from "@tokenkeep/storage-file"
import { RedisStorage } from "@tokenkeep/storage-redis"
import type * as Layer from "effect/Layer"

/** Where a fleet keeps its token, named by a text that fits an argument: `file:/directory` or `redis://host:port`. */
export const storageAt = (place: string): Layer.Layer<TokenStorage> =>
  place.startsWith("file:")
    ? FileStorage.layer({ directory: place.slice("file:".length) })
    : RedisStorage.layer({ url: place })
