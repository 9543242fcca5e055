import { StorageFailure } from "@tokenkeep/core"

/** A fault that this adapter found itself: its message is its own, and may be shown. */
export class ConnectionFault extends Error {}

/** The words that servers start an error with. Any other first word could be somebody's secret. */
const replyCodes: ReadonlySet<string> = new Set([
  "ASK",
  "BUSY",
  "CLUSTERDOWN",
  "CROSSSLOT",
  "DENIED",
  "ERR",
  "EXECABORT",
  "LOADING",
  "MASTERDOWN",
  "MISCONF",
  "MOVED",
  "NOAUTH",
  "NOGOODSLAVE",
  "NOPERM",
  "NOPROTO",
  "NOREPLICAS",
  "NOSCRIPT",
  "OOM",
  "READONLY",
  "TRYAGAIN",
  "UNKILLABLE",
  "WRONGPASS",
  "WRONGTYPE"
])

/** How Redis 7 says NOPERM of what a script does. */
const refusedInScript = "ERR The user executing the script can't"

/** What the server said, if the error is its answer. */
export const replyCode = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined
  if (error.message.startsWith(refusedInScript)) return "NOPERM"
  const [first = ""] = error.message.split(" ", 1)
  return replyCodes.has(first) ? first : undefined
}

const isWord = (text: unknown): text is string => typeof text === "string" && /^\w{1,64}$/.test(text)

const field = (error: unknown, name: string): unknown =>
  typeof error === "object" && error !== null && name in error ? (error as Record<string, unknown>)[name] : undefined

/** Clusters and Sentinels wrap what a node said. */
const wrapped = ["cause", "lastNodeError", "originalError"]

const systemCode = (error: unknown, depth = 0): string | undefined => {
  if (depth > 4) return undefined
  const code = field(error, "code") ?? replyCode(error)
  if (isWord(code)) return code
  for (const name of wrapped) {
    const below = field(error, name)
    const found = below === undefined ? undefined : (replyCode(below) ?? systemCode(below, depth + 1))
    if (found !== undefined) return found
  }
  return undefined
}

/** What ioredis says in an error of no class: these words and no others. */
const plainWords: ReadonlyMap<string, string> = new Map([
  ["Connection is closed.", "the connection is closed"],
  ["Command timed out", "the command timed out"],
  ["Stream isn't writeable and enableOfflineQueue options is false", "the connection is not ready"]
])

const className = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error
  // Most clients' errors are all called "Error" and told apart by their class.
  const name = error.name === "Error" ? error.constructor.name : error.name
  if (name === "NotCapable") return `${name}: run deno with --allow-net for the server`
  return isWord(name) ? name : "Error"
}

const ownWords = (error: unknown): string | undefined => {
  if (error instanceof ConnectionFault) return error.message
  return error instanceof Error ? plainWords.get(error.message) : undefined
}

/** A failure that tells class and code. Messages, and the arguments that clients keep in errors, may hold secrets. */
export const failure =
  (operation: StorageFailure["operation"]) =>
  (error: unknown): StorageFailure => {
    const code = systemCode(error)
    const known = ownWords(error) ?? className(error)
    return new StorageFailure({ operation, detail: code === undefined ? known : `${known} ${code}` })
  }
