import type { Held, Lease } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { LawBroken } from "../../Law.ts"
import type { OpenStorage, StorageBench } from "../../StorageBench.ts"

/** A name as core makes them. */
export const name = `tokenkeep-1-${"5f".repeat(32)}`

/** How long something may take that should be done soon, in milliseconds. */
export const patience = 5_000

/** A lease that does not end while a law is checked, in milliseconds. */
export const longLease = 600_000

const pollInterval = 5

export const broken = (reason: string): Effect.Effect<never, LawBroken> => Effect.fail(new LawBroken({ reason }))

export const ensure = (holds: boolean, reason: string): Effect.Effect<void, LawBroken> =>
  holds ? Effect.void : broken(reason)

const quoted = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)

export const expectText = Effect.fnUntraced(function* (storage: OpenStorage, of: string, text: string | undefined) {
  const found = yield* storage.load(of)
  if (found?.text === text) return
  const [expected, got] = [text, found?.text].map((side) => (side === undefined ? "nothing" : quoted(side)))
  return yield* broken(`expected ${expected} under ${quoted(of)}, found ${got}`)
})

/** Saves a text with a fence, which must be taken. */
export const mustSave = Effect.fnUntraced(function* (storage: OpenStorage, of: string, text: string, fence: number) {
  yield* ensure(yield* storage.save(of, { text, fence }), `a save of ${quoted(text)} with fence ${fence} was refused`)
})

/** Saves a text with a fence, which must be refused. */
export const mustRefuse = Effect.fnUntraced(function* (storage: OpenStorage, of: string, text: string, fence: number) {
  yield* ensure(!(yield* storage.save(of, { text, fence })), `a save with fence ${fence} was not refused`)
})

export const ask = (storage: OpenStorage, of: string, owner: string, millis: number = longLease) =>
  storage.exclusive(of, { owner, millis })

/** Asks for a lease, which must be granted. */
export const mustGet = Effect.fnUntraced(function* (
  storage: OpenStorage,
  of: string,
  owner: string,
  millis: number = longLease
) {
  const answer = yield* ask(storage, of, owner, millis)
  if (answer._tag === "Lease") return answer
  return yield* broken(`${owner} was refused the lease, which ${answer.owner} is said to have`)
})

/** Asks for a lease, which must be refused, because `holder` has it. */
export const mustBeHeld = Effect.fnUntraced(function* (
  storage: OpenStorage,
  of: string,
  owner: string,
  holder: string
) {
  const answer = yield* ask(storage, of, owner)
  if (answer._tag === "Lease") return yield* broken(`${owner} got a lease that ${holder} had`)
  yield* ensure(answer.owner.includes(holder), `the lease of ${holder} is said to be that of ${answer.owner}`)
  return answer
})

/** Milliseconds of the clock that does not jump. */
export const monotonic = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1_000_000)

/** Looks until there is something. */
export const eventually = Effect.fnUntraced(function* <A, E, R>(
  { pass }: StorageBench,
  look: Effect.Effect<A | undefined, E, R>,
  limit: number,
  reason: string
) {
  const end = (yield* monotonic) + limit
  while (true) {
    const found = yield* look
    if (found !== undefined) return found
    if ((yield* monotonic) >= end) return yield* broken(reason)
    yield* pass(pollInterval)
  }
})

/** Waits for something that has to end in a while. */
export const within = Effect.fnUntraced(function* <A, E, R>(
  bench: StorageBench,
  effect: Effect.Effect<A, E, R>,
  reason: string,
  limit: number = patience
) {
  const fiber = yield* Effect.forkScoped(effect)
  const exit = yield* eventually(
    bench,
    Effect.sync(() => fiber.pollUnsafe()),
    limit,
    reason
  )
  return yield* exit
})

/** Waits for a lease that is about to end, and gets it. */
export const awaitLease = (
  bench: StorageBench,
  storage: OpenStorage,
  of: string,
  owner: string,
  limit: number = bench.shortLease + bench.slack
) =>
  eventually(
    bench,
    Effect.map(ask(storage, of, owner), (answer: Lease | Held) => (answer._tag === "Lease" ? answer : undefined)),
    limit,
    `${owner} did not get the lease within ${limit} ms`
  )

/** Lets a lease of `first` end and `second` get the next one. */
export const takeOver = Effect.fnUntraced(function* (
  bench: StorageBench,
  [one, other]: readonly [OpenStorage, OpenStorage],
  of: string = name
) {
  const lost = yield* mustGet(one, of, "first", bench.shortLease)
  yield* bench.pass(bench.shortLease)
  return { lost, current: yield* awaitLease(bench, other, of, "second") }
})

/** How many points there are to interrupt something at. */
export const interruptionPoints = 32

/** How long something takes, in milliseconds: the shortest of a few, since a first one may have to connect. */
export const usualTime = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  let shortest = Infinity
  for (let round = 0; round < 3; round += 1) {
    const start = yield* monotonic
    yield* effect
    shortest = Math.min(shortest, (yield* monotonic) - start)
  }
  return shortest
})

/**
 * Starts something and interrupts it at one of many points: at the start, some steps of the scheduler later, or after a
 * part of the milliseconds that it usually takes.
 */
export const interruptAt = Effect.fnUntraced(function* <A, E, R>(
  bench: StorageBench,
  effect: Effect.Effect<A, E, R>,
  point: number,
  usual: number
) {
  const half = interruptionPoints / 2
  const fiber = yield* Effect.forkScoped(effect)
  if (point >= half) yield* bench.pass((usual * (point % half)) / (half - 2))
  else for (let step = 0; step < point; step += 1) yield* Effect.yieldNow
  yield* within(bench, Fiber.interrupt(fiber), `it was still running ${patience} ms after it was interrupted`)
  return fiber.pollUnsafe() ?? Exit.void
})
