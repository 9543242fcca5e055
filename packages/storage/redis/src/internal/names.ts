import { AuthError } from "@tokenkeep/core"

/** What one credential has on the server. */
export interface Names {
  readonly record: string
  readonly lease: string
  readonly fence: string
  readonly channel: string
}

/** Core names a record by digests; the format's major, which it puts before them, is this adapter's too (STO-4). */
const digests = /^tokenkeep-1-([0-9a-f]{64}(?:-[0-9a-f]{16})?)$/

/** Any other name is quoted, so that no two names become one, whatever characters they hold. */
const short = (name: string): string => digests.exec(name)?.[1] ?? JSON.stringify(name)

/** Names for a prefix: the braces put all keys of a credential into one slot of a Cluster. */
export const namesFor =
  (prefix: string) =>
  (name: string): Names => {
    const credential = `{${prefix}1:${short(name)}}`
    return {
      record: `${credential}:tok`,
      lease: `${credential}:lock`,
      fence: `${credential}:fence`,
      channel: `${credential}:ch`
    }
  }

/** Throws `CONFIG_INVALID` for a prefix that would break the slots of a Cluster. */
export const checkPrefix = (prefix: string = "tokenkeep:"): string => {
  if (typeof prefix === "string" && !/[{}]/.test(prefix)) return prefix
  throw AuthError.of(
    { _tag: "ConfigInvalid", option: "prefix" },
    { what: "The option prefix is not a text without braces.", fix: 'Use one such as "tokenkeep:" or "app:tokens:".' }
  )
}
