/** Advice for the low-level errors that runtimes report when a connection fails. */
const advice: ReadonlyArray<readonly [codes: RegExp, advice: string]> = [
  [/^(ENOTFOUND|EAI_AGAIN|EAI_NONAME)$/, "Check the host name, and that this machine can resolve it."],
  [/^(ECONNREFUSED|ConnectionRefused)$/, "Check that the server is running and that the port is right."],
  [/TIMEOUT|^ETIMEDOUT$/, "Check the network, firewalls and proxies."],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|^ERR_TLS_/,
    "Check the host name, and that this machine trusts its TLS certificate."
  ],
  [/^(EPROTO|ERR_SSL_.*)$/, "Check that the port serves https."],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET|ConnectionClosed)$/, "The connection was closed. Try again."]
]

/** What to do about a low-level error code such as `ENOTFOUND`. */
export const connectionAdvice = (code: string | undefined): string =>
  advice.find(([codes]) => code !== undefined && codes.test(code))?.[1] ??
  "Check the network and the host, then try again."
