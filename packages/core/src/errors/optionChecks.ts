import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { oneLine } from "./displayText.ts"
import { isTokenkeepError, TokenkeepError } from "./TokenkeepError.ts"

/**
 * `CONFIG_INVALID` for an option: what is wrong with it, and what to write instead. After a comma, the name may say where the
 * value is from; only the message shows that.
 */
export const invalidOption = (option: string, what: string, fix: string) =>
  TokenkeepError.of(
    { _tag: "ConfigInvalid", option: option.replace(/,.*/, "") },
    { what: `The option ${option} ${what}.`, fix }
  )

/** Runs checks that throw {@link TokenkeepError} as an effect that fails with it; anything else stays a defect. */
export const checked = <A>(check: () => A): Effect.Effect<A, TokenkeepError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(check())
    } catch (error) {
      return isTokenkeepError(error) ? Effect.fail(error) : Effect.die(error)
    }
  })

/**
 * Checks an option's value, and returns it or its default; throws `CONFIG_INVALID` with the option's name.
 *
 * @example
 * ```ts
 * import { checkOptions, type OptionCheck } from "@tokenkeep/core"
 *
 * const directory: OptionCheck<string> = (_option, value = "/tmp") => String(value)
 * console.log(checkOptions({}, { directory }).directory) // => /tmp
 * ```
 */
export type OptionCheck<A = unknown> = (option: string, value: any) => A

type OptionChecks = Readonly<Record<string, OptionCheck>>

type Checked<Checks extends OptionChecks> = { readonly [Name in keyof Checks]: ReturnType<Checks[Name]> }

/** Names that other libraries use for the same option. */
const synonyms = [
  ["host", "baseUrl", "url", "endpoint"],
  ["apiKey", "key", "token"],
  ["id", "clientId", "client_id"],
  ["secret", "clientSecret", "client_secret"]
]

/** The known name that means the same as a wrong one, or that shares most pairs of letters with it, and at least a third. */
const nearest = (wrong: string, known: ReadonlyArray<string>): string | undefined => {
  const same = synonyms.find((names) => names.includes(wrong))?.find((name) => known.includes(name))
  if (same !== undefined) return same
  const letters = wrong.toLowerCase()
  const pairs = Array.from(letters.slice(1), (_, at) => letters.slice(at, at + 2))
  const shared = (name: string) => pairs.filter((pair) => name.toLowerCase().includes(pair)).length
  const [first = ""] = known.toSorted((a, b) => shared(b) / b.length - shared(a) / a.length)
  return shared(first) * 3 >= (pairs.length || 1) ? first : undefined
}

/** The values of options by their checks; other options are ignored. */
export const readOptions = <Checks extends OptionChecks>(
  options: object,
  checks: Checks,
  prefix = ""
): Checked<Checks> =>
  Object.fromEntries(
    Object.entries(checks).map(([name, check]) => [name, check(prefix + name, options[name as keyof typeof options])])
  ) as Checked<Checks>

/**
 * The values of options by their checks. Throws `CONFIG_INVALID` for a value that a check refuses, and for a name that
 * has no check: it would be ignored otherwise.
 *
 * @param path The name of the option that holds these; none by default.
 * @param others The names of options that are checked elsewhere.
 *
 * @example
 * ```ts
 * import { checkOptions, isTokenkeepError } from "@tokenkeep/core"
 *
 * const checks = { directory: (_option: string, value: string = "/tmp") => value }
 * console.log(checkOptions({}, checks).directory) // => /tmp
 * try {
 *   checkOptions({ dir: "/var/tokens" }, checks)
 * } catch (error) {
 *   console.log(isTokenkeepError(error) && error.message)
 *   // => The option dir is unknown. Did you mean directory? The options are: directory.
 * }
 * ```
 */
export const checkOptions = <Checks extends OptionChecks>(
  given: unknown = {},
  checks: Checks,
  path = "",
  others: ReadonlyArray<string> = []
): Checked<Checks> => {
  const known = [...others, ...Object.keys(checks)]
  const all = `The options are: ${known.join(", ") || "none"}.`
  // A list, a map or a date has no options: all of them would have their defaults.
  if (typeof given !== "object" || given === null || Symbol.iterator in given || Symbol.toPrimitive in given)
    throw invalidOption(path || "options", "is not an object", all)
  const prefix = path && `${path}.`
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    const meant = nearest(name, known)
    throw invalidOption(oneLine(prefix + name), "is unknown", meant ? `Did you mean ${meant}? ${all}` : all)
  }
  return readOptions(given, checks, prefix)
}

/** Options that are grouped under one name. */
export const group =
  <Checks extends OptionChecks>(checks: Checks): OptionCheck<Checked<Checks>> =>
  (option, value) =>
    checkOptions(value, checks, option)

/** An option that may be omitted. */
export const optional =
  <A>(check: OptionCheck<A>): OptionCheck<A | undefined> =>
  (option, value) =>
    value === undefined ? undefined : check(option, value)

/**
 * A value of a JavaScript type, which may be omitted.
 *
 * @example
 * ```ts
 * import { checkOptions, isTokenkeepError, ofType } from "@tokenkeep/core"
 *
 * try {
 *   checkOptions({ fetch: "fetch" }, { fetch: ofType("function") })
 * } catch (error) {
 *   console.log(isTokenkeepError(error) && error.message)
 *   // => The option fetch is not a function. Pass a function, or omit it.
 * }
 * ```
 */
export const ofType = (type: "boolean" | "function" | "string"): OptionCheck<void> =>
  optional((option, value) => {
    if (typeof value !== type) throw invalidOption(option, `is not a ${type}`, `Pass a ${type}, or omit it.`)
  })

const correctIt = "Correct it, or omit it for the default."

/**
 * A duration, in milliseconds: a finite time above zero.
 *
 * @example
 * ```ts
 * import { checkOptions, positiveMillis } from "@tokenkeep/core"
 *
 * console.log(checkOptions({ grace: "1 minute" }, { grace: positiveMillis(0) }).grace) // => 60000
 * ```
 */
export const positiveMillis =
  <Fallback extends number | undefined>(fallback: Fallback): OptionCheck<number | Fallback> =>
  (option, value: Duration.Input | undefined) => {
    if (value === undefined) return fallback
    const fix = "Use milliseconds above zero, or a duration such as '10 seconds' or '500 millis'."
    let millis: number
    try {
      millis = Duration.toMillis(value)
    } catch {
      throw invalidOption(option, "is not a duration", fix)
    }
    if (!Number.isFinite(millis) || millis <= 0) throw invalidOption(option, "is not a finite time above zero", fix)
    return millis
  }

/** A number that passes a test. */
export const numberWhere =
  (fallback: number, what: string, isRight: (value: number) => boolean): OptionCheck<number> =>
  (option, value = fallback) => {
    if (typeof value === "number" && isRight(value)) return value
    throw invalidOption(option, `is not ${what}`, correctIt)
  }

/** A number above zero. */
export const positiveNumber = (fallback: number): OptionCheck<number> =>
  numberWhere(fallback, "a number above zero", (value) => value > 0 && value < Infinity)

/** A whole number of at least `min`. */
export const wholeNumber = (fallback: number, min: number): OptionCheck<number> =>
  numberWhere(fallback, `a whole number of at least ${min}`, (value) => Number.isSafeInteger(value) && value >= min)

/** One of a few words, the first by default. */
export const oneOf =
  <A extends string>(...words: readonly [A, ...ReadonlyArray<A>]): OptionCheck<A> =>
  (option, value = words[0]) => {
    if (words.includes(value)) return value
    throw invalidOption(option, "has an unknown value", `Use one of: ${words.join(", ")}.`)
  }

/** A layer: anything else may be a forgotten adapter. */
export const layer: OptionCheck<void> = (option, value) => {
  if (!Layer.isLayer(value)) throw invalidOption(option, "is not a layer", "Pass the layer of an adapter.")
}
