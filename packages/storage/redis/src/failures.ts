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

const field = (error: unknown, name: string): unknown =>
  typeof error === "object" && error !== null && name in error ? (error as Record<string, unknown>)[name] : undefined

/** The message of an error of any realm: one of another realm, as test runners make, is no instance of `Error`. */
const messageOf = (error: unknown): string => {
  const message = field(error, "message")
  return typeof message === "string" ? message : ""
}

/** The code of an error reply, or `undefined` if the error is not a reply of the server. */
export const replyCode = (error: unknown): string | undefined => {
  const message = messageOf(error)
  if (message.startsWith(noPermInScript)) return "NOPERM"
  const [first = ""] = message.split(" ", 1)
  return replyCodes.has(first) ? first : undefined
}

const isWord = (value: unknown): value is string => typeof value === "string" && /^\w{1,64}$/.test(value)

/** An error and the errors that it wraps: Clusters and Sentinels wrap the error of a node, sockets those of addresses. */
const withCauses = (error: unknown, depth = 0): ReadonlyArray<unknown> => {
  if (depth > 4 || error === undefined) return []
  const { cause, errors, lastNodeError, originalError, socketError } = Object(error) as Record<string, unknown>
  const first = Array.isArray(errors) ? errors[0] : undefined
  return [
    error,
    ...[cause, lastNodeError, originalError, socketError, first].flatMap((each) => withCauses(each, depth + 1))
  ]
}

/** Faults that only an operator can end. Servers before Redis 6 reject a wrong password without a code. */
const permanentMessages = [
  "ERR AUTH",
  "ERR Client sent AUTH",
  "ERR DB index",
  "ERR SELECT is not allowed in cluster mode",
  "ERR invalid DB index",
  "ERR invalid password",
  "ERR unknown command",
  "the client was closed"
]

/** How messages start that say more than the class and the code of their error. These words contain no secret. */
const knownMessages = [
  ...permanentMessages,
  "All sentinels are unreachable",
  "Cannot find node",
  "Cluster closed",
  "Cluster isn't ready",
  "Command timed out",
  "Connection is closed",
  "Couldn't connect to any sentinel node",
  "ERR max number of clients reached",
  "Failed to refresh slots cache",
  "Master Node Not Enumerated",
  "No subscriber for the cluster",
  "None of startup nodes is available",
  "None of the sentinels are available",
  "Socket timeout",
  "Stream isn't writeable",
  "The queue is full",
  "Too many Cluster redirections",
  "couldn't connect to any sentinels",
  "no valid master node"
]

const permanentCodes: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "DENIED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "NOAUTH",
  "NOPERM",
  "NOPROTO",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "WRONGPASS"
])

const codeOf = (error: unknown): string | undefined => {
  const code = field(error, "code") ?? replyCode(error)
  return isWord(code) ? code : undefined
}

const safeMessage = (error: unknown): string | undefined => {
  if (error instanceof ConnectionFault) return error.message
  const message = messageOf(error)
  return knownMessages.find((known) => message.startsWith(known))
}

const className = (error: unknown): string | undefined => {
  const given = field(error, "name")
  // Most client errors have the name "Error", and only their class distinguishes them.
  const name = given === "Error" ? Object(field(error, "constructor")).name : given
  return isWord(name) && name !== "Error" ? name : undefined
}

const firstOf = (errors: ReadonlyArray<unknown>, read: (error: unknown) => string | undefined): string | undefined => {
  for (const error of errors) {
    const found = read(error)
    if (found !== undefined) return found
  }
  return undefined
}

/** Contains only the class and the code of an error: messages, and the arguments in client errors, may contain secrets. */
export const failure =
  (operation: StorageFailure["operation"]) =>
  (error: unknown): StorageFailure => {
    const errors = withCauses(error)
    const code = firstOf(errors, codeOf)
    const found = firstOf(errors, (each) => safeMessage(each) ?? className(each)) ?? "Error"
    const isDenied = found === "NotCapable"
    const description = isDenied ? `${found}: run deno with --allow-net for the server` : found
    const isPermanent = isDenied || permanentCodes.has(code ?? "") || permanentMessages.includes(found)
    // A known reply starts with its code.
    const detail = code === undefined || description.startsWith(code) ? description : `${description} ${code}`
    return new StorageFailure({ operation, detail, ...(isPermanent ? { retryable: false } : undefined) })
  }
