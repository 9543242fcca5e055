import { stateDirectory } from "@tokenkeep/storage-file"
import type { StorageSettings } from "../profiles/Config.ts"
import { referencedSecret } from "../secrets/referencedSecret.ts"

/** Which storage a profile has. */
export type StoragePlace =
  | { readonly type: "memory" }
  | { readonly type: "file"; readonly directory: string }
  | { readonly type: "redis"; readonly url: string; readonly prefix?: string | undefined }

/** The storage of a profile: Redis if `REDIS_URL` is set, else files, so that all commands share one token. */
export const storagePlace = (settings: StorageSettings | undefined): StoragePlace => {
  if (settings?.type === "memory") return { type: "memory" }
  if (settings?.type === "file") return { type: "file", directory: stateDirectory(settings.directory) }
  const url = referencedSecret(settings?.url, "REDIS_URL")
  if (settings === undefined && url === undefined) return { type: "file", directory: stateDirectory() }
  return { type: "redis", url: url ?? "", prefix: settings?.prefix }
}

/** Where a storage is, without the user and password of a URL. */
export const storageAddress = (place: StoragePlace): string => {
  if (place.type === "memory") return "the memory of a process"
  if (place.type === "file") return place.directory
  if (!URL.canParse(place.url)) return "a URL that is not valid"
  const { host, pathname, protocol } = new URL(place.url)
  // With one slash too few, the password is in the path.
  const database = /^\/\d+$/.test(pathname) ? pathname : ""
  return host === "" ? "a URL that is not valid" : `${protocol}//${host}${database}`
}
