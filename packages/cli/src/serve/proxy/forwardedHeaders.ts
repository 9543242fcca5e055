/** Headers of one connection, which a proxy does not pass on (RFC 9110, section 7.6.1). */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade"
])

/** What belongs to the connection to the sidecar: its name, the caller's credentials, and what Node has handled already. */
const ownHeaders: ReadonlySet<string> = new Set(["authorization", "content-length", "expect", "host"])

/** The names that `Connection` declares as belonging to the connection. */
const namedBy = (connection: string | undefined): ReadonlySet<string> =>
  connection === undefined || /^(?:keep-alive|close)$/i.test(connection)
    ? hopByHop
    : new Set([...hopByHop, ...connection.split(",").map((name) => name.trim().toLowerCase())])

/** The headers of the caller's request that are forwarded; values of a repeated name are joined. */
export const requestHeaders = (
  rawHeaders: ReadonlyArray<string>,
  connection: string | undefined
): Record<string, string> => {
  const dropped = namedBy(connection)
  // Without a prototype, `__proto__` is a name like any other.
  const headers = Object.create(null) as Record<string, string>
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    const value = rawHeaders[i + 1]!
    if (dropped.has(name) || ownHeaders.has(name)) continue
    headers[name] = name in headers ? `${headers[name]}${name === "cookie" ? "; " : ", "}${value}` : value
  }
  return headers
}

/** The value of a header among names and values in turn. */
const valueOf = (headers: ReadonlyArray<string>, name: string): string | undefined => {
  let found: string | undefined
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]!.length !== name.length || headers[i]!.toLowerCase() !== name) continue
    found = found === undefined ? headers[i + 1]! : `${found},${headers[i + 1]}`
  }
  return found
}

/** The headers of the API's response that are forwarded, as the API spelled them. */
export const responseHeaders = (headers: ReadonlyArray<string>): Array<string> => {
  const dropped = namedBy(valueOf(headers, "connection"))
  const kept: Array<string> = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!
    const key = name.toLowerCase()
    // It says that the sidecar responds, and not the API.
    if (key === "tokenkeep-error") continue
    // The length is that of the message, whatever `Connection` says.
    if (!dropped.has(key) || key === "content-length") kept.push(name, headers[i + 1]!)
  }
  return kept
}

/** Whether the body has a coding besides chunks, which the sidecar would remove from the headers and not from the body. */
export const hasTransferCoding = (headers: ReadonlyArray<string>): boolean =>
  !/^chunked$/i.test(valueOf(headers, "transfer-encoding")?.trim() ?? "chunked")

/** The length of a body, if its headers say it. */
export const lengthOf = (headers: ReadonlyArray<string>): number | undefined => {
  const length = valueOf(headers, "content-length")
  return length === undefined ? undefined : Number(length)
}
