import type { ExclusiveChange, ExclusiveRecord, StorageFailure } from "@tokenkeep/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { ensure, violated } from "../checks.ts"
import { name } from "./assertions.ts"
import type { OpenStorage } from "./fixture.ts"

/** A text that repeats its version, with a length that differs from version to version. */
const textOf = (version: string): string => `${version};`.repeat(1 + ((Number(version) * 997) % 3_000))

const recordOf = (version: string): ExclusiveRecord => ({ version, text: textOf(version) })

/** A change to the record of a version, if the version before is the expected one. */
export const from = (expected: string | undefined, version: string, fence?: number): ExclusiveChange => ({
  expected,
  record: recordOf(version),
  fence
})

export const shown = (version: string | undefined): string =>
  version === undefined ? "no record" : `version ${version}`

export const mustReplace = Effect.fnUntraced(function* (
  storage: OpenStorage,
  change: ExclusiveChange,
  of: string = name
) {
  const what = `a replace of ${shown(change.expected)} by version ${change.record.version}`
  yield* ensure(yield* storage.exclusive.replace(of, change), `${what} was refused`)
})

export const mustRefuse = Effect.fnUntraced(function* (storage: OpenStorage, change: ExclusiveChange, when: string) {
  const what = `a replace of ${shown(change.expected)} by version ${change.record.version}`
  yield* ensure(!(yield* storage.exclusive.replace(name, change)), `${what} was not refused ${when}`)
})

/** Replaces the record that it wrote the last time, and returns the new version. */
export const replacing = (storage: OpenStorage) => {
  let last: string | undefined
  return Effect.suspend(() => {
    const version = `${Number(last ?? 0) + 1}`
    const replaced = Effect.as(mustReplace(storage, from(last, version)), version)
    last = version
    return replaced
  })
}

/** The version of the record, which must be whole. */
export const loadWhole = Effect.fnUntraced(function* (storage: OpenStorage, of: string = name) {
  const found = yield* storage.exclusive.load(of)
  if (found === undefined) return undefined
  yield* ensure(found.text === textOf(found.version), `a torn record was loaded with version ${found.version}`)
  return found.version
})

export const expectVersion = Effect.fnUntraced(function* (storage: OpenStorage, version: string | undefined) {
  const found = yield* loadWhole(storage)
  yield* ensure(found === version, `expected ${shown(version)}, loaded ${shown(found)}`)
})

/** Why an effect failed, if it failed with a StorageFailure. */
const failureOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.exit(effect), (exit) => {
    const error = Exit.isFailure(exit) ? Object(Cause.squash(exit.cause)) : {}
    return error._tag === "StorageFailure" ? (error as StorageFailure) : undefined
  })

export const mustFailToLoad = Effect.fnUntraced(function* (storage: OpenStorage, when: string) {
  const failure = yield* failureOf(storage.exclusive.load(name))
  if (failure === undefined) return yield* violated(`a load of a damaged record did not fail ${when}`)
  const isRight = failure.operation === "load" && failure.retryable === false
  yield* ensure(isRight, `a damaged record is a failure of ${failure.operation}, retryable ${failure.retryable}`)
})

export const versions = (count: number, first = 1): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => `${first + index}`)
