import { maxLeaseMillis } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { ensure, violated } from "../checks.ts"
import type { OpenStorage, Pair, StorageFixture } from "./fixture.ts"

/** A name as core makes them. */
export const name = `tokenkeep-1-${"5f".repeat(32)}`

/** A lease that does not expire while a test runs, in milliseconds. */
export const longLease = maxLeaseMillis

const pollInterval = 5

const quoted = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)

export const expectText = Effect.fnUntraced(function* (storage: OpenStorage, of: string, text: string | undefined) {
  const found = yield* storage.load(of)
  const [expected, actual] = [text, found?.text].map((side) => (side === undefined ? "nothing" : quoted(side)))
  yield* ensure(found?.text === text, `expected ${expected} under ${quoted(of)}, loaded ${actual}`)
})

export const mustSave = Effect.fnUntraced(function* (storage: OpenStorage, of: string, text: string, fence: number) {
  yield* ensure(yield* storage.save(of, { text, fence }), `a save of ${quoted(text)} with fence ${fence} was rejected`)
})

export const mustReject = Effect.fnUntraced(function* (storage: OpenStorage, of: string, text: string, fence: number) {
  yield* ensure(!(yield* storage.save(of, { text, fence })), `a save with fence ${fence} was not rejected`)
})

export const acquire = (storage: OpenStorage, of: string, owner: string, millis: number = longLease) =>
  storage.acquireLease(of, { owner, millis })

/** Acquires a lease that is free. */
export const mustAcquire = Effect.fnUntraced(function* (
  storage: OpenStorage,
  of: string,
  owner: string,
  millis: number = longLease
) {
  const lease = yield* acquire(storage, of, owner, millis)
  if (lease._tag === "Lease") return lease
  return yield* violated(`${owner} did not get a free lease: it is said to belong to ${lease.owner}`)
})

/** Tries to acquire the lease that `current` has. */
export const mustBeTaken = Effect.fnUntraced(function* (
  storage: OpenStorage,
  of: string,
  owner: string,
  current: string
) {
  const taken = yield* acquire(storage, of, owner)
  if (taken._tag === "Lease") return yield* violated(`${owner} got the lease that ${current} had`)
  yield* ensure(taken.owner.includes(current), `the lease of ${current} is said to belong to ${taken.owner}`)
  return taken
})

/** Milliseconds of a clock that never jumps. */
export const monotonic = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1_000_000)

/** Waits until an effect returns something, or fails after `millis`. */
export const eventually = Effect.fnUntraced(function* <A, E, R>(
  { pass }: StorageFixture,
  look: Effect.Effect<A | undefined, E, R>,
  millis: number,
  reason: string
) {
  const end = (yield* monotonic) + millis
  while (true) {
    const found = yield* look
    if (found !== undefined) return found
    if ((yield* monotonic) >= end) return yield* violated(reason)
    yield* pass(pollInterval)
  }
})

/** Waits until a lease that is about to expire has done so, and acquires it. */
export const awaitLease = (
  fixture: StorageFixture,
  storage: OpenStorage,
  owner: string,
  millis: number = fixture.shortLease + fixture.expiryTolerance
) =>
  eventually(
    fixture,
    Effect.map(acquire(storage, name, owner), (lease) => (lease._tag === "Lease" ? lease : undefined)),
    millis,
    `${owner} did not get the lease within ${millis} ms`
  )

/** Lets the lease of "first" expire, so that "second" acquires the next one. */
export const takeOver = Effect.fnUntraced(function* (fixture: StorageFixture, [one, other]: Pair) {
  const lost = yield* mustAcquire(one, name, "first", fixture.shortLease)
  yield* fixture.pass(fixture.shortLease)
  return { lost, current: yield* awaitLease(fixture, other, "second") }
})

/** How many points there are at which an operation is interrupted. */
export const interruptionPoints = 32

/** How long an effect takes, in milliseconds: the shortest of a few runs, because the first one may have to connect. */
export const usualDuration = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  let shortest = Infinity
  for (let round = 0; round < 3; round += 1) {
    const start = yield* monotonic
    yield* effect
    shortest = Math.min(shortest, (yield* monotonic) - start)
  }
  return shortest
})

/** Starts an effect and interrupts it: after `point` steps of the scheduler, or after a part of its usual duration. */
export const interruptAt = Effect.fnUntraced(function* <A, E, R>(
  { pass }: StorageFixture,
  effect: Effect.Effect<A, E, R>,
  point: number,
  usual: number
) {
  const half = interruptionPoints / 2
  const fiber = yield* Effect.forkScoped(effect)
  if (point >= half) yield* pass((usual * (point % half)) / (half - 2))
  else for (let step = 0; step < point; step += 1) yield* Effect.yieldNow
  yield* untilDone(pass, yield* Effect.forkScoped(Fiber.interrupt(fiber)))
  return fiber.pollUnsafe() ?? Exit.void
})

/** Waits for a fiber while time passes: on the test clock, a finalizer may be asleep. */
const untilDone = Effect.fnUntraced(function* <A, E>(pass: StorageFixture["pass"], fiber: Fiber.Fiber<A, E>) {
  while (fiber.pollUnsafe() === undefined) yield* pass(pollInterval)
  return yield* Fiber.join(fiber)
})

/** Runs an effect while time passes. */
export const passing = Effect.fnUntraced(function* <A, E, R>({ pass }: StorageFixture, effect: Effect.Effect<A, E, R>) {
  return yield* untilDone(pass, yield* Effect.forkScoped(effect))
})
