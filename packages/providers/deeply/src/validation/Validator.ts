import * as Result from "effect/Result"
import { iso8601 } from "./iso8601.ts"

/**
 * Checks that a parsed JSON value has the documented form.
 *
 * Succeeds with the same value, so that undocumented fields stay in it. Fails with the path of the first field that is
 * not as documented, such as `.results[3].confidence`; the empty string is the value itself.
 */
export type Validator<A> = (value: unknown) => Result.Result<A, string>

const validIf =
  <A>(isValid: (value: unknown) => boolean): Validator<A> =>
  (value) =>
    isValid(value) ? Result.succeed(value as A) : Result.fail("")

export const string: Validator<string> = validIf((value) => typeof value === "string")

export const nonEmptyString: Validator<string> = validIf((value) => typeof value === "string" && value !== "")

/** A date, or a date and a time, in ISO 8601. */
export const dateTime: Validator<string> = validIf((value) => typeof value === "string" && iso8601.test(value))

/** A number between two bounds, both included. */
export const numberBetween = (minimum: number, maximum: number): Validator<number> =>
  validIf((value) => typeof value === "number" && value >= minimum && value <= maximum)

/** A whole number of at least 0 that JavaScript represents exactly. */
export const count: Validator<number> = validIf((value) => Number.isSafeInteger(value) && (value as number) >= 0)

export const oneOf = <const Value extends string>(...values: ReadonlyArray<Value>): Validator<Value> =>
  validIf((value) => values.some((each) => each === value))

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** An object with at least these fields, in the order in which they are checked. */
export const object = <A>(fields: { readonly [Name in keyof A]-?: Validator<A[Name]> }): Validator<A> => {
  const validators = Object.entries<Validator<unknown>>(fields)
  return (value) => {
    if (!isObject(value)) return Result.fail("")
    for (const [name, validator] of validators) {
      const field = validator(value[name])
      if (Result.isFailure(field)) return Result.fail(`.${name}${field.failure}`)
    }
    return Result.succeed(value as A)
  }
}

/** An object with any keys. A path contains `*` for its key: the server chose the key, and it might be a secret. */
export const record =
  <A>(entry: Validator<A>): Validator<Readonly<Record<string, A>>> =>
  (value) => {
    if (!isObject(value)) return Result.fail("")
    for (const each of Object.values(value)) {
      const result = entry(each)
      if (Result.isFailure(result)) return Result.fail(`.*${result.failure}`)
    }
    return Result.succeed(value as Readonly<Record<string, A>>)
  }

export const array =
  <A>(item: Validator<A>): Validator<ReadonlyArray<A>> =>
  (value) => {
    if (!Array.isArray(value)) return Result.fail("")
    for (const [index, each] of value.entries()) {
      const result = item(each)
      if (Result.isFailure(result)) return Result.fail(`[${index}]${result.failure}`)
    }
    return Result.succeed(value)
  }
