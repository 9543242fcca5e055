import { TokenkeepError } from "@tokenkeep/core"
import type { Refusal } from "./Refusal.ts"

interface Rule {
  /** `*` for every method. */
  readonly method: string
  readonly path: RegExp
}

/** Whether servers may read this path differently: dot segments, encoded slashes, and what some take for these. */
const isAmbiguous = (path: string): boolean => {
  try {
    const decoded = decodeURIComponent(path)
    return /\\|\/\/|%2f|%5c|%2e/i.test(decoded) || /%2f|%5c/i.test(path) || /\/\.{1,2}(?:[/;]|$)/.test(decoded)
  } catch {
    return true
  }
}

/** `RegExp.escape` is missing in Node 22. */
const escape = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)

const parse = (text: string): Rule => {
  const [, method, path] = /^([A-Z]+|\*) (\/\S*)$/.exec(text) ?? []
  if (method === undefined || path === undefined || path.includes("?")) {
    throw TokenkeepError.of(
      { _tag: "ConfigInvalid", option: "allow" },
      {
        what: `The rule ${JSON.stringify(text)} is malformed.`,
        fix: 'Write a method and a path, such as "GET /api/v1/*".'
      }
    )
  }
  const pattern = path.split("*").map(escape).join(".*")
  return { method, path: new RegExp(`^${pattern}$`) }
}

/**
 * Restricts what is forwarded. `*` matches any characters, slashes included, and any method in the place of the method;
 * the query is not matched. A path that servers may read differently matches no rule.
 */
export const allowCheck = (texts: ReadonlyArray<string> | undefined) => {
  if (texts === undefined) return () => undefined
  const rules = texts.map(parse)
  return (method: string, target: string): Refusal | undefined => {
    const [path = ""] = target.split("?", 1)
    const isAllowed =
      !isAmbiguous(path) &&
      rules.some((rule) => (rule.method === "*" || rule.method === method) && rule.path.test(path))
    if (isAllowed) return undefined
    return {
      status: 403,
      code: "NOT_ALLOWED",
      message: "The rules of this sidecar do not allow this method and path.",
      fix: "Add a rule with --allow, or send another request."
    }
  }
}
