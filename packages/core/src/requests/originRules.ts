import { TokenkeepError } from "../errors/TokenkeepError.ts"

const refused = (
  origin: string,
  what: string,
  fix = "Pass a path, which is resolved against the base URL, or use plain fetch for other hosts."
) => TokenkeepError.of({ _tag: "OriginNotAllowed", origin }, { what, fix })

// eslint-disable-next-line no-control-regex -- the URL parser removes these, so the URL sent would differ from the one read
const control = /[\u0000-\u001f\u007f]/

const absolute = /^[a-z][a-z0-9+.-]*:/i

const withoutQuery = (href: string): string => href.split(/[?#]/, 1)[0]!

/** Whether a parsed URL starts with the base URL: this check is on the fast path. */
export const startsWithBase = (href: string, base: string): boolean =>
  href.startsWith(base) || `${withoutQuery(href)}/` === base

/**
 * A `..` that the URL parser leaves in a path, and that some servers find there: after they have decoded it, once or
 * repeatedly, and have removed parameters (`..;x`), spaces or control characters. Linear: each path is searched once.
 */
const hiddenDots = /(?:\/|%(?:25)*(?:2f|5c))(?:\.|%(?:25)*2e){2}(?:[/;%]|$)/i

/**
 * Whether a parsed URL is the base URL or below it: only there may a token go (REQ-3). Libraries resolve `..` before they
 * call fetch, so only the final URL shows where a request goes. Nothing on its origin leaves a base without a path.
 */
export const isBelow = (href: string, base: string): boolean =>
  startsWithBase(href, base) &&
  (base.indexOf("/", 8) > base.length - 2 || !hiddenDots.test(withoutQuery(href).slice(base.length - 1)))

const belowBase = (url: URL, base: URL): URL | TokenkeepError =>
  isBelow(url.href, base.href) ? url : refused(base.origin, `The request leaves the base URL ${base.href}.`)

/** Resolves a relative input against the base's own path. "./" keeps the input a path, whatever it starts with. */
const resolveRelative = (input: string, base: URL): URL | TokenkeepError =>
  /^[/\\]{2}/.test(input)
    ? refused("unknown", "The path starts with two slashes, which names another host.")
    : belowBase(new URL(`./${input.replace(/^[/\\]/, "")}`, base), base)

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
  // As fetch converts it: a symbol is a TypeError.
  const text = `${input}`.trim()
  if (control.test(text)) return refused("unknown", "The URL contains a control character.")
  return absolute.test(text) ? resolveAbsolute(text) : resolveRelative(text, base)
}

/** The protocol is compared too: a `blob:` URL has the origin of its page, but a request for it does not go there. */
const isSameOrigin = (a: URL, b: URL): boolean => a.origin === b.origin && a.protocol === b.protocol

/** The name of a URL's origin in messages. Other schemes than http have the origin "null", so the scheme is shown. */
const nameOf = (url: URL): string => (/^https?:$/.test(url.protocol) ? url.origin : url.protocol)

/** Resolves the URL of an API request, or returns why the token may not go there. */
export const resolveUrl = (input: string | URL, base: URL): URL | TokenkeepError => {
  const url = resolve(input, base)
  if (url instanceof TokenkeepError) return url
  if (!isSameOrigin(url, base)) return refused(url.origin, `The request goes to ${nameOf(url)}, not to ${base.origin}.`)
  const named = withoutUser(url)
  return named === url ? belowBase(url, base) : named
}

/**
 * Resolves the URL of a token request, or returns why the API key may not go there: a path is resolved against
 * the first token origin, and a URL must be of one of them.
 */
export const resolveTokenUrl = (input: string | URL, tokenOrigins: ReadonlyArray<URL>): URL | TokenkeepError => {
  // An empty list was refused before.
  const url = resolve(input, tokenOrigins[0]!)
  if (url instanceof TokenkeepError) return url
  return tokenOrigins.some((origin) => isSameOrigin(url, origin))
    ? withoutUser(url)
    : refused(
        url.origin,
        `The token request goes to ${nameOf(url)}, not to ${tokenOrigins.map(({ origin }) => origin).join(" or ")}.`,
        "Add the origin to the provider's tokenOrigins if the credential may go there."
      )
}
