import { TokenkeepError } from "../errors/TokenkeepError.ts"

const refused = (
  origin: string,
  what: string,
  fix = "Pass a path, which is resolved against the base URL, or use plain fetch for other hosts."
) => TokenkeepError.of({ _tag: "OriginNotAllowed", origin }, { what, fix })

/** The lowest depth of a path: negative if it leaves its start, as the WHATWG URL parser would let it. */
const lowestDepth = (path: string): number => {
  let depth = 0
  let lowest = 0
  for (const segment of path.split(/[/\\]/)) {
    const dots = segment.replaceAll(/%2e/gi, ".")
    if (dots === "..") depth -= 1
    else if (dots !== "." && segment !== "") depth += 1
    lowest = Math.min(lowest, depth)
  }
  return lowest
}

// eslint-disable-next-line no-control-regex -- the URL parser removes these, so the URL sent would differ from the one read
const control = /[\u0000-\u001f\u007f]/

const absolute = /^[a-z][a-z0-9+.-]*:/i

/** Resolves a relative input below the base's own path, which it cannot leave. */
const resolveRelative = (input: string, base: URL): URL | TokenkeepError => {
  if (/^[/\\]{2}/.test(input)) return refused("unknown", "The path starts with two slashes, which names another host.")
  const [path = ""] = input.split(/[?#]/, 1)
  if (lowestDepth(path) < 0) return refused(base.origin, `The path leaves the base URL ${base.href} with '..'.`)
  // "./" keeps the rest a path, whatever it starts with.
  return new URL(`./${input.replace(/^[/\\]/, "")}`, base)
}

const resolveAbsolute = (input: string): URL | TokenkeepError =>
  URL.canParse(input) ? new URL(input) : refused("unknown", "The URL is malformed.")

/** Paths that the URL parser would not change, except for dot segments. Linear: every request is matched. */
const plainPath = /^\/(?![/\\])[\w\-./~]*(?:\?[\w\-./~=&+,:%]*)?$/

/**
 * The URL of a plain path below the base, without parsing: most requests have one. `undefined` for all other inputs,
 * which {@link resolveUrl} resolves with the same outcome.
 */
export const resolvePlain = (input: string, base: URL): string | undefined =>
  plainPath.test(input) && !input.includes("/.") ? base.href.slice(0, -1) + input : undefined

const withoutUser = (url: URL): URL | TokenkeepError =>
  url.username === "" && url.password === "" ? url : refused(url.origin, "The URL has a user name or password in it.")

const resolve = (input: string | URL, base: URL): URL | TokenkeepError => {
  const text = String(input).trim()
  if (control.test(text)) return refused("unknown", "The URL contains a control character.")
  return absolute.test(text) ? resolveAbsolute(text) : resolveRelative(text, base)
}

/** The protocol is compared too: a `blob:` URL has the origin of its page, but a request for it does not go there. */
const isSameOrigin = (a: URL, b: URL): boolean => a.origin === b.origin && a.protocol === b.protocol

/** The name of a URL's origin in messages. Other schemes than http have the origin "null", so the scheme is shown. */
const nameOf = (url: URL): string => (/^https?:$/.test(url.protocol) ? url.origin : url.protocol)

/**
 * Resolves the URL of an API request, or returns why the token may not go there: it must be a path below the base
 * URL, or an absolute URL of the same origin.
 */
export const resolveUrl = (input: string | URL, base: URL): URL | TokenkeepError => {
  const url = resolve(input, base)
  if (url instanceof TokenkeepError) return url
  return isSameOrigin(url, base)
    ? withoutUser(url)
    : refused(url.origin, `The request goes to ${nameOf(url)}, not to ${base.origin}.`)
}

/**
 * Resolves the URL of a token request, or returns why the API key may not go there: a path is resolved against
 * the first token origin, and a URL must be of one of them.
 */
export const resolveTokenUrl = (input: string | URL, tokenOrigins: ReadonlyArray<URL>): URL | TokenkeepError => {
  const [first] = tokenOrigins
  if (first === undefined) return refused("unknown", "The provider has no token origin.", "Fix the provider.")
  const url = resolve(input, first)
  if (url instanceof TokenkeepError) return url
  return tokenOrigins.some((origin) => isSameOrigin(url, origin))
    ? withoutUser(url)
    : refused(
        url.origin,
        `The token request goes to ${nameOf(url)}, not to ${tokenOrigins.map(({ origin }) => origin).join(" or ")}.`,
        "Add the origin to the provider's tokenOrigins if the API key may go there."
      )
}
