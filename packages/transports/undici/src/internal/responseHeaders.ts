import type { Head } from "./Incoming.ts"

/** Header values are bytes, which `Headers` takes as Latin-1; a decoder may have read them as UTF-8. */
const byteString = (value: string): string =>
  // eslint-disable-next-line no-control-regex -- the range is Latin-1
  /^[\u0000-\u00ff]*$/.test(value) ? value : Buffer.from(value, "utf8").toString("latin1")

type Value = Buffer | string

const textOf = (value: Value): string => (typeof value === "string" ? byteString(value) : value.toString("latin1"))

const valuesOf = (value: Value | ReadonlyArray<Value> | undefined): ReadonlyArray<Value> =>
  value === undefined ? [] : [value].flat()

/** Names and values, one pair for each time that a name came. */
function* entriesOf({ headers, rawHeaders }: Head): Generator<readonly [name: string, value: string]> {
  if (Array.isArray(rawHeaders)) {
    for (const [i, name] of rawHeaders.entries()) {
      if (i % 2 === 0) for (const value of valuesOf(rawHeaders[i + 1])) yield [textOf(name), textOf(value)]
    }
    return
  }
  for (const [name, all] of Object.entries(headers)) {
    // HTTP/2 has its status among the headers.
    if (!name.startsWith(":")) for (const value of valuesOf(all)) yield [name, textOf(value)]
  }
}

/** The headers of an answer as fetch shows them: every `Set-Cookie` apart, and bytes as they came. */
export const headersOf = (head: Head): Headers => {
  const headers = new Headers()
  for (const [name, value] of entriesOf(head)) headers.append(name, value)
  return headers
}
