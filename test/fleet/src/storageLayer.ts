import type { TokenStorage } from "@tokenkeep/core"
import { FileStorage } from "@tokenkeep/storage-file"
import { RedisStorage } from "@tokenkeep/storage-redis"
import type * as Layer from "effect/Layer"

/** The storage at `file:/directory` or `redis://host:port`: a URL fits into the argument of a process. */
export const storageLayer = (url: string): Layer.Layer<TokenStorage> =>
  url.startsWith("file:") ? FileStorage.layer({ directory: url.slice("file:".length) }) : RedisStorage.layer({ url })
