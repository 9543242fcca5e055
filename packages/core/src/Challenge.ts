/**
 * One challenge of a `WWW-Authenticate` header: a scheme, and what it says about the refusal.
 *
 * @example
 * ```ts
 * import { type Challenge, challengesIn } from "@tokenkeep/core"
 *
 * const headers = new Headers({ "www-authenticate": 'Bearer realm="api", error="invalid_token"' })
 * const [bearer]: ReadonlyArray<Challenge> = challengesIn(headers)
 * console.log(bearer?.scheme, bearer?.parameters.get("error")) // => bearer invalid_token
 * ```
 */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string
  /** By their names in lower case; of two with one name the first. */
  readonly parameters: ReadonlyMap<string, string>
}

/** The longest header read, in characters: as much as servers send in all their headers together. */
const maxLength = 16 * 1024

const token = /[!#$%&'*+\-.^_`|~\w]+/y
const blank = /[ \t]*/y
const separator = /[ \t,]*/y
/** A text in base64 in the place of parameters, up to the next comma: `Negotiate oYH1MIHy==`. */
const token68 = /[\w\-.~+/]+=*[ \t]*(?=,|$)/y
const quoted = /"((?:[^"\\]|\\.)*)"/y

/** Reads a text from its beginning, one expression after another; each is linear, and none is tried twice in a place. */
const scannerOf = (text: string) => {
  let at = 0
  const read = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at
    const found = expression.exec(text)
    if (found !== null) at = expression.lastIndex
    return found
  }
  return { read, isDone: () => at === text.length }
}

type Scanner = ReturnType<typeof scannerOf>

const equals = /[ \t]*=[ \t]*/y

const valueOf = ({ read }: Scanner): string | undefined => {
  const text = read(quoted)?.[1]
  return text === undefined ? read(token)?.[0] : text.replaceAll(/\\(.)/g, "$1")
}

/**
 * The challenges of a response's `WWW-Authenticate` headers, in order (RFC 9110, 11.6.1). It never throws: what cannot be
 * read ends the list, and a header that is longer than 16 KiB is none. Takes time in proportion to the header's length.
 *
 * @example
 * ```ts
 * import { challengesIn } from "@tokenkeep/core"
 *
 * const headers = new Headers({ "www-authenticate": 'Negotiate, Digest realm="a, b", qop="auth"' })
 * console.log(challengesIn(headers).map(({ scheme }) => scheme).join()) // => negotiate,digest
 * ```
 */
export const challengesIn = (headers: Headers): ReadonlyArray<Challenge> => {
  const text = headers.get("www-authenticate") ?? ""
  if (text.length > maxLength) return []
  const scanner = scannerOf(text)
  const { isDone, read } = scanner
  const challenges: Array<Challenge> = []
  let parameters: Map<string, string> | undefined
  read(separator)
  while (!isDone()) {
    const name = read(token)?.[0].toLowerCase()
    if (name === undefined) return challenges
    if (parameters !== undefined && read(equals) !== null) {
      const value = valueOf(scanner)
      if (value === undefined) return challenges
      if (!parameters.has(name)) parameters.set(name, value)
    } else {
      parameters = new Map()
      challenges.push({ scheme: name, parameters })
      read(blank)
      read(token68)
    }
    read(separator)
  }
  return challenges
}
