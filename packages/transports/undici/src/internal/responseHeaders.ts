import type { Head } from "./IncomingResponse.ts"

/** `Headers` takes bytes as Latin-1. A dispatcher may have decoded them as UTF-8. */
const utf8ToLatin1 = (value: string): string =>
  // eslint-disable-next-line no-control-regex -- the range is Latin-1
  /^[\u0000-\u00ff]*$/.test(value) ? value : Buffer.from(value, "utf8").toString("latin1")

type Value = Buffer | string

const toLatin1 = (value: Value): string => (typeof value === "string" ? utf8ToLatin1(value) : value.toString("latin1"))

const isList = (value: Value | ReadonlyArray<Value>): value is ReadonlyArray<Value> => Array.isArray(value)

const valuesOf = (value: Value | ReadonlyArray<Value> | undefined): ReadonlyArray<Value> =>
  value === undefined ? [] : isList(value) ? value : [value]

/** One pair for each value, so that a repeated name occurs repeatedly. */
function* entriesOf({ headers, rawHeaders }: Head): Generator<readonly [name: string, value: string]> {
  if (Array.isArray(rawHeaders)) {
    for (const [i, name] of rawHeaders.entries()) {
      if (i % 2 === 0) for (const value of valuesOf(rawHeaders[i + 1])) yield [toLatin1(name), toLatin1(value)]
    }
    return
  }
  for (const [name, all] of Object.entries(headers)) {
    // In HTTP/2, pseudo-headers such as ":status" are among the headers.
    if (!name.startsWith(":")) for (const value of valuesOf(all)) yield [name, toLatin1(value)]
  }
}

/** The headers as fetch returns them: each `Set-Cookie` is separate, and bytes are unchanged. */
export const toHeaders = (head: Head): Headers => {
  const headers = new Headers()
  for (const [name, value] of entriesOf(head)) headers.append(name, value)
  return headers
}

/** Names and values in turn, as they arrived: for a program that passes them on. */
export const headersOf = (head: Head): ReadonlyArray<string> => {
  const { rawHeaders } = head
  if (!Array.isArray(rawHeaders)) return [...entriesOf(head)].flat()
  const headers: Array<string> = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = toLatin1(rawHeaders[i]!)
    for (const value of valuesOf(rawHeaders[i + 1])) headers.push(name, toLatin1(value))
  }
  return headers
}
