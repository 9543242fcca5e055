import * as Duration from "effect/Duration"
import { AuthError } from "../AuthError.ts"

const invalid = (option: string, what: string, fix: string) =>
  AuthError.of({ _tag: "ConfigInvalid", option }, { what: `The option ${option} ${what}.`, fix })

/** A duration option as milliseconds; throws `CONFIG_INVALID` unless it is a finite time above zero. */
export const positiveMillis = (option: string, value: Duration.Input | undefined, fallback: number): number => {
  if (value === undefined) return fallback
  const fix = "Give milliseconds above zero, or a duration such as '10 seconds'."
  let millis: number
  try {
    millis = Duration.toMillis(value)
  } catch {
    throw invalid(option, "is not a duration", fix)
  }
  if (!Number.isFinite(millis) || millis <= 0) throw invalid(option, "is not a finite time above zero", fix)
  return millis
}

/** A number above zero; throws `CONFIG_INVALID` when it is not one. */
export const positiveNumber = (option: string, value: number | undefined, fallback: number): number => {
  if (value === undefined) return fallback
  if (Number.isFinite(value) && value > 0) return value
  throw invalid(option, "is not a number above zero", "Correct it, or leave it out for the default.")
}

/** A whole-number option; throws `CONFIG_INVALID` when it is not one, or below `min`. */
export const wholeNumber = (option: string, value: number | undefined, fallback: number, min: number): number => {
  if (value === undefined) return fallback
  if (!Number.isSafeInteger(value) || value < min) {
    throw invalid(option, `is not a whole number of at least ${min}`, "Correct it, or leave it out for the default.")
  }
  return value
}

/** One of a few words; throws `CONFIG_INVALID` for any other. */
export const oneOf = <A extends string>(
  option: string,
  value: A | undefined,
  words: readonly [A, ...ReadonlyArray<A>]
): A => {
  if (value === undefined) return words[0]
  if (!words.includes(value)) throw invalid(option, "is not a known word", `Use one of: ${words.join(", ")}.`)
  return value
}
