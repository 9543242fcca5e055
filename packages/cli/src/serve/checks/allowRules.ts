import { TokenkeepError } from "@tokenkeep/core"
import type { IncomingMessage } from "node:http"
import type { Refusal } from "./Refusal.ts"

interface Rule {
  /** `*` for every method. */
  readonly method: string
  readonly path: RegExp
}

/**
 * What some servers read as the end of a name, as a separator, as the start of parameters, or not at all. A percent sign is
 * left after decoding if the path was encoded twice.
 */
const special = /[\p{Cc}\p{Cf}\\%;?#]/u

/** Segments that are empty, or that end with what some servers remove from names: `.`, `..` and `a.` among them. */
const unusualSegment = /\/\/|[\s.](?:\/|$)/

/** Whether servers may read this path differently. Those that know Windows names read full-width characters as ASCII. */
const isAmbiguous = (path: string): boolean => {
  try {
    const decoded = decodeURIComponent(path).normalize("NFKC")
    return /%2[ef]/i.test(path) || special.test(decoded) || unusualSegment.test(decoded)
  } catch {
    return true
  }
}

/**
 * Headers by which some servers replace the method or the path, or name a second path; also in the spelling of CGI. A
 * preflight names its method, and does not replace it.
 */
const replacing =
  /^(?!access-control-)(?:.*(?:method|verb).*|(?:x[-_])?(?:(?:http|envoy|original|override|forwarded|rewrite|request|ingress|proxy|real|base|destination)[-_]?)*(?:ur[il]|path|prefix|script[-_]?name|path[-_]?info|destination)(?:[-_]override)?)$/i

const replacingHeader = (rawHeaders: ReadonlyArray<string>): string | undefined =>
  rawHeaders.find((name, i) => i % 2 === 0 && replacing.test(name))

/** `RegExp.escape` is missing in Node 22. */
const escape = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)

const problemOf = (method: string, path: string | undefined): string | undefined => {
  if (!/^(?:[A-Z]+|\*)$/.test(method)) return "does not start with a method in capitals, or with *"
  if (path === undefined) return "has no path"
  if (!path.startsWith("/")) return "has a path that does not start with a slash"
  if (/\s/.test(path)) return "has a space in its path"
  if (path.includes("?")) return "has a query"
  return isAmbiguous(path.replaceAll("*", "x")) ? "has a path that servers may read differently" : undefined
}

/** A rule. No message repeats its text: it may be a secret that was passed by mistake. */
const parse = (text: string, index: number, { length }: ReadonlyArray<string>): Rule => {
  const [, method = "", path] = /^([^ ]*)(?: ([^]*))?$/.exec(text) ?? []
  const problem = problemOf(method, path)
  if (problem !== undefined) {
    throw TokenkeepError.of(
      { _tag: "ConfigInvalid", option: "allow" },
      {
        what: `${length === 1 ? "The rule" : `Rule ${index + 1}`} of --allow ${problem}.`,
        fix: 'Write a method, a space and a path without query, parameters and dot segments, such as "GET /api/v1/*".'
      }
    )
  }
  const pattern = path!.split("*").map(escape).join(".*")
  return { method, path: new RegExp(`^${pattern}$`) }
}

const notAllowed = (message: string, fix: string): Refusal => ({ status: 403, code: "NOT_ALLOWED", message, fix })

/**
 * Restricts what is forwarded. `*` matches any characters, slashes included, and any method in the place of the method;
 * the query is not matched. A path that servers may read differently matches no rule, and a request with a header that
 * replaces its method or path is refused: without the header, another request would be sent.
 */
export const allowCheck = (texts: ReadonlyArray<string> | undefined) => {
  if (texts === undefined) return () => undefined
  const rules = texts.map(parse)
  return ({ method = "", rawHeaders }: IncomingMessage, target: string): Refusal | undefined => {
    const [path = ""] = target.split("?", 1)
    const isAllowed =
      !isAmbiguous(path) &&
      rules.some((rule) => (rule.method === "*" || rule.method === method) && rule.path.test(path))
    if (!isAllowed) {
      return notAllowed(
        "The rules of this sidecar do not allow this method and path.",
        "Add a rule with --allow, or send another request."
      )
    }
    const header = replacingHeader(rawHeaders)
    return header === undefined
      ? undefined
      : notAllowed(
          `The header ${header.slice(0, 100)} can replace the method or the path that the rules allow.`,
          "Remove the header, and send the real method and path."
        )
  }
}
