import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { isTokenkeepError, TokenkeepError } from "./TokenkeepError.ts"

/** `CONFIG_INVALID` for an option: what is wrong with it, and what to write instead. */
export const invalidOption = (option: string, what: string, fix: string) =>
  TokenkeepError.of({ _tag: "ConfigInvalid", option }, { what: `The option ${option} ${what}.`, fix })

/** Runs checks that throw {@link TokenkeepError} as an effect that fails with it; anything else stays a defect. */
export const checked = <A>(check: () => A): Effect.Effect<A, TokenkeepError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(check())
    } catch (error) {
      return isTokenkeepError(error) ? Effect.fail(error) : Effect.die(error)
    }
  })

/** A duration option in milliseconds; throws `CONFIG_INVALID` unless it is a finite time above zero. */
export const positiveMillis = (option: string, value: Duration.Input | undefined, fallback: number): number => {
  if (value === undefined) return fallback
  const fix = "Use milliseconds above zero, or a duration such as '10 seconds'."
  let millis: number
  try {
    millis = Duration.toMillis(value)
  } catch {
    throw invalidOption(option, "is not a duration", fix)
  }
  if (!Number.isFinite(millis) || millis <= 0) throw invalidOption(option, "is not a finite time above zero", fix)
  return millis
}

/** A number above zero; throws `CONFIG_INVALID` for anything else. */
export const positiveNumber = (option: string, value: number | undefined, fallback: number): number => {
  if (value === undefined) return fallback
  if (Number.isFinite(value) && value > 0) return value
  throw invalidOption(option, "is not a number above zero", "Correct it, or omit it for the default.")
}

/** A whole number of at least `min`; throws `CONFIG_INVALID` for anything else. */
export const wholeNumber = (option: string, value: number | undefined, fallback: number, min: number): number => {
  if (value === undefined) return fallback
  if (!Number.isSafeInteger(value) || value < min) {
    throw invalidOption(option, `is not a whole number of at least ${min}`, "Correct it, or omit it for the default.")
  }
  return value
}

/** One of a few words, the first by default; throws `CONFIG_INVALID` for any other. */
export const oneOf = <A extends string>(
  option: string,
  value: A | undefined,
  words: readonly [A, ...ReadonlyArray<A>]
): A => {
  if (value === undefined) return words[0]
  if (!words.includes(value)) throw invalidOption(option, "has an unknown value", `Use one of: ${words.join(", ")}.`)
  return value
}

/** Throws `CONFIG_INVALID` for anything but a layer, such as a forgotten adapter. */
export const checkLayer = (option: string, value: unknown): void => {
  if (!Layer.isLayer(value)) throw invalidOption(option, "is not a layer", "Pass the layer of an adapter.")
}
