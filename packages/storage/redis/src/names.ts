import { TokenkeepError } from "@tokenkeep/core"

/** The keys and the channel of one credential on the server. */
export interface Names {
  readonly record: string
  readonly lease: string
  readonly fence: string
  readonly exclusive: string
  /** No value is ever stored here. */
  readonly none: string
  readonly channel: string
}

/** Core's record names: the major version of the format, then digests. The keys have the same version (STO-4). */
const recordName = /^tokenkeep-1-([0-9a-f]{64}(?:-[0-9a-f]{16})?)$/

/** Other names are quoted, so that two different names never produce the same key. */
const shorten = (name: string): string => recordName.exec(name)?.[1] ?? JSON.stringify(name)

/** The braces put all keys of a credential into one slot of a Cluster. */
export const namesFor =
  (prefix: string) =>
  (name: string): Names => {
    const credential = `{${prefix}1:${shorten(name)}}`
    return {
      record: `${credential}:tok`,
      lease: `${credential}:lock`,
      fence: `${credential}:fence`,
      exclusive: `${credential}:exclusive`,
      none: `${credential}:none`,
      channel: `${credential}:ch`
    }
  }

/** Throws `CONFIG_INVALID` for a prefix with braces, which would change the slots of a Cluster. */
export const checkPrefix = (prefix: string = "tokenkeep:"): string => {
  if (typeof prefix === "string" && !/[{}]/.test(prefix)) return prefix
  throw TokenkeepError.of(
    { _tag: "ConfigInvalid", option: "prefix" },
    {
      what: "The option prefix must be a string without braces.",
      fix: 'Use a prefix such as "tokenkeep:" or "app:tokens:".'
    }
  )
}
