import { StorageFailure } from "@tokenkeep/core"

/** A connection error that this package detected. Its message contains no secret, so it can be shown. */
export class ConnectionFault extends Error {}

/** The codes with which a server starts an error reply. Any other first word may be part of a secret. */
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

/** Redis 7 reports NOPERM with these words if the command is in a script. */
const noPermInScript = "ERR The user executing the script can't"

/** The code of an error reply, or `undefined` if the error is not a reply of the server. */
export const replyCode = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined
  if (error.message.startsWith(noPermInScript)) return "NOPERM"
  const [first = ""] = error.message.split(" ", 1)
  return replyCodes.has(first) ? first : undefined
}

const isWord = (value: unknown): value is string => typeof value === "string" && /^\w{1,64}$/.test(value)

const field = (error: unknown, name: string): unknown =>
  typeof error === "object" && error !== null && name in error ? (error as Record<string, unknown>)[name] : undefined

/** The fields in which Clusters and Sentinels wrap the error of a node. */
const wrappingFields = ["cause", "lastNodeError", "originalError"]

const systemCode = (error: unknown, depth = 0): string | undefined => {
  if (depth > 4) return undefined
  const code = field(error, "code") ?? replyCode(error)
  if (isWord(code)) return code
  for (const name of wrappingFields) {
    const inner = field(error, name)
    const found = inner === undefined ? undefined : (replyCode(inner) ?? systemCode(inner, depth + 1))
    if (found !== undefined) return found
  }
  return undefined
}

/** The messages of ioredis errors that have no class of their own. Only these are safe to show. */
const knownMessages: ReadonlyMap<string, string> = new Map([
  ["Connection is closed.", "the connection is closed"],
  ["Command timed out", "the command timed out"],
  ["Stream isn't writeable and enableOfflineQueue options is false", "the connection is not ready"]
])

const className = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error
  // Most client errors have the name "Error", and only their class distinguishes them.
  const name = error.name === "Error" ? error.constructor.name : error.name
  if (name === "NotCapable") return `${name}: run deno with --allow-net for the server`
  return isWord(name) ? name : "Error"
}

const safeMessage = (error: unknown): string | undefined => {
  if (error instanceof ConnectionFault) return error.message
  return error instanceof Error ? knownMessages.get(error.message) : undefined
}

/** Contains only the class and the code of an error: messages, and the arguments in client errors, may contain secrets. */
export const failure =
  (operation: StorageFailure["operation"]) =>
  (error: unknown): StorageFailure => {
    const code = systemCode(error)
    const description = safeMessage(error) ?? className(error)
    return new StorageFailure({ operation, detail: code === undefined ? description : `${description} ${code}` })
  }
