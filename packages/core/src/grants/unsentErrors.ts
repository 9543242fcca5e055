import { causeSummary } from "../errors/causeSummary.ts"

/** Failures before the first byte of a request: of DNS, of the connection, and of TLS. All others are doubtful. */
const unsent =
  /^(?:ENOTFOUND|EAI_\w+|ECONNREFUSED|ConnectionRefused|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|UND_ERR_CONNECT_TIMEOUT|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|ERR_TLS_CERT_ALTNAME_INVALID)$/

/** Whether a transport's error says that no byte of the request was sent. */
export const isUnsent = (error: unknown): boolean => unsent.test(causeSummary(error).code ?? "")
