import { AuthError } from "../AuthError.ts"

const refused = (origin: string, what: string) =>
  AuthError.of(
    { _tag: "OriginNotAllowed", origin },
    { what, fix: "Pass a path, which is resolved against the base URL, or use plain fetch for other hosts." }
  )

/** How deep below its start a path is at its lowest: negative when it climbs out, as WHATWG URL would let it. */
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

// eslint-disable-next-line no-control-regex -- the URL parser drops or trims these, so that what is read is not what is sent
const control = /[\u0000-\u001f\u007f]/

const absolute = /^[a-z][a-z0-9+.-]*:/i

/** Resolves a relative input below the base's own path, which it cannot leave. */
const resolveRelative = (input: string, base: URL): URL | AuthError => {
  if (/^[/\\]{2}/.test(input)) return refused("unknown", "The path starts with two slashes, which names another host.")
  const [path = ""] = input.split(/[?#]/, 1)
  if (lowestDepth(path) < 0) return refused(base.origin, "The path climbs out of the base URL with '..'.")
  // "./" keeps the rest a path whatever it starts with.
  return new URL(`./${input.replace(/^[/\\]/, "")}`, base)
}

const resolveAbsolute = (input: string): URL | AuthError =>
  URL.canParse(input) ? new URL(input) : refused("unknown", "The URL cannot be parsed.")

/** Paths that the URL parser would leave as they are, but for dot segments. Linear: it is matched on every request. */
const plainPath = /^\/(?![/\\])[\w\-./~]*(?:\?[\w\-./~=&+,:%]*)?$/

/**
 * The URL of a plain path below the base, without parsing anything: what most requests are. `undefined` sends the
 * others through {@link resolveUrl}, with the same outcome.
 */
export const resolvePlain = (input: string, base: URL): string | undefined =>
  plainPath.test(input) && !input.includes("/.") ? base.href.slice(0, -1) + input : undefined

/**
 * Says where a request goes, or why a token may not go there (REQ-3): a path below the base URL, or an absolute URL
 * on the same origin.
 */
export const resolveUrl = (input: string | URL, base: URL): URL | AuthError => {
  const text = String(input).trim()
  if (control.test(text)) return refused("unknown", "The URL contains a control character.")
  const url = absolute.test(text) ? resolveAbsolute(text) : resolveRelative(text, base)
  if (url instanceof AuthError) return url
  // A blob: URL has the origin of the page that made it, and is no request to it.
  if (url.origin !== base.origin || url.protocol !== base.protocol) {
    // Only http origins are worth naming: those of others are the string "null".
    const named = /^https?:$/.test(url.protocol) ? url.origin : url.protocol
    return refused(url.origin, `The request goes to ${named}, not to ${base.origin}.`)
  }
  if (url.username !== "" || url.password !== "") {
    return refused(url.origin, "The URL has a user name or password in it.")
  }
  return url
}
