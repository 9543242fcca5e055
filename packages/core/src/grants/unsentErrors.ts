import { causeSummary } from "../errors/causeSummary.ts"

/** Failures before the first byte of a request: of DNS, of the connection, and of TLS. All others are doubtful. */
const unsent =
  /^(?:ENOTFOUND|EAI_\w+|ECONNREFUSED|ConnectionRefused|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|UND_ERR_CONNECT_TIMEOUT|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|ERR_TLS_CERT_ALTNAME_INVALID)$/

/** The system calls before the first byte. The network may also become unreachable while a response is read. */
const early = /^(?:connect|getaddrinfo|query\w+)$/

/** Causes may form a cycle. */
const maxCauses = 8

/** The system call of an error or of its causes; `undefined` if no error names one, as in other runtimes than Node. */
const systemCallOf = (error: unknown, depth = 0): string | undefined => {
  if (typeof error !== "object" || error === null || depth > maxCauses) return undefined
  if ("syscall" in error && typeof error.syscall === "string") return error.syscall
  return "cause" in error ? systemCallOf(error.cause, depth + 1) : undefined
}

/** Whether a transport's error says that no byte of the request was sent. */
export const isUnsent = (error: unknown): boolean =>
  unsent.test(causeSummary(error).code ?? "") && early.test(systemCallOf(error) ?? "connect")
