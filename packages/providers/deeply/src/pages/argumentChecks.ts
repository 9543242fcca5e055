import { TokenkeepError } from "@tokenkeep/core"
import { iso8601 } from "../validation/iso8601.ts"

/** Checks an argument and returns it as it is sent; throws `CONFIG_INVALID` with the argument's name. */
export type ArgumentCheck = (name: string, value: unknown) => string | ReadonlyArray<string>

/** Throws `CONFIG_INVALID`. The message does not repeat the value, which might be a secret. */
export const refuseArgument = (name: string, problem: string, fix: string): never => {
  throw TokenkeepError.of(
    { _tag: "ConfigInvalid", option: name },
    { what: `The argument ${name} ${problem}. No request was sent.`, fix }
  )
}

// eslint-disable-next-line no-control-regex -- ids and names never contain these, and a URL would drop or change them
const unsafeCharacters = /[\u0000-\u001f\u007f]|\p{Cs}/u

export const checkString = (name: string, value: unknown): string => {
  if (typeof value !== "string") return refuseArgument(name, "is not a string", "Pass a string.")
  if (value === "") return refuseArgument(name, "is an empty string", "Pass a value, or leave the argument out.")
  if (!unsafeCharacters.test(value)) return value
  return refuseArgument(name, "contains a control character or an unpaired surrogate", "Remove that character.")
}

/** Accepts one string or an array of strings. */
export const checkStrings = (name: string, value: unknown): ReadonlyArray<string> => {
  if (!Array.isArray(value)) return [checkString(name, value)]
  if (value.length > 0) return value.map((each) => checkString(name, each))
  return refuseArgument(name, "is an empty array", "Pass at least one value, or leave the argument out.")
}

export const checkWholeNumber = (name: string, value: unknown, max: number): number => {
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= max) return value as number
  const range = max === Number.MAX_SAFE_INTEGER ? "of at least 1" : `from 1 to ${max}`
  const fix = `Pass a whole number ${range}, or leave the argument out for the default.`
  return refuseArgument(name, `is not a whole number ${range}`, fix)
}

/** By tag: a date of another realm, as test runners have, is no instance of `Date`. */
export const isDate = (value: unknown): value is Date => Object.prototype.toString.call(value) === "[object Date]"

/** Accepts a valid `Date`, or a string in ISO 8601. */
export const checkInstant = (name: string, value: unknown): string => {
  const fix = "Pass a Date, or a string such as 2025-08-01T09:00:00Z."
  if (isDate(value)) {
    return Number.isNaN(value.getTime()) ? refuseArgument(name, "is an invalid Date", fix) : value.toISOString()
  }
  if (typeof value !== "string") return refuseArgument(name, "is neither a Date nor a string", fix)
  if (iso8601.test(value) && !Number.isNaN(Date.parse(value))) return value
  return refuseArgument(name, "is not a date and time in ISO 8601", fix)
}

/** Encodes an id as one path segment, so that it cannot address another endpoint; throws `CONFIG_INVALID`. */
export const idSegment = (id: unknown): string => {
  const fix = "Pass the id of one item."
  if (id === undefined || id === "") return refuseArgument("id", "is missing or empty", fix)
  const text = checkString("id", id)
  // URL parsers read these as path steps, even percent-encoded.
  if (text === "." || text === "..")
    return refuseArgument("id", 'is "." or "..", which a URL reads as a path step', fix)
  return encodeURIComponent(text)
}
