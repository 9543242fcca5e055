import type { StorageFailure } from "@tokenkeep/core"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Law } from "../../Law.ts"
import type { OpenStorage, StorageBench } from "../../StorageBench.ts"
import {
  ask,
  broken,
  usualTime,
  ensure,
  eventually,
  expectText,
  interruptAt,
  interruptionPoints,
  longLease,
  mustBeHeld,
  mustGet,
  mustSave,
  name,
  patience,
  within
} from "./expectations.ts"

type Operation = StorageFailure["operation"]

/** What an adapter may not be able to do, but has to say so of. */
const hostileNames = ["", "\0", "\uD800", "../../../etc", "a/b/c", "con", "x".repeat(5_000), `${name}\n`]

const operationsOn = (
  storage: OpenStorage,
  of: string,
  text: string
): ReadonlyArray<readonly [Operation, () => Effect.Effect<unknown, unknown>]> => {
  const { capabilities, exclusive, watch } = storage.service
  return [
    ["load", () => storage.load(of)],
    ["save", () => storage.save(of, { text, fence: 1 })],
    ["remove", () => storage.remove(of)],
    ...(capabilities.exclusive && exclusive
      ? [["exclusive", () => Effect.flatMap(storage.exclusive(of, { owner: text, millis: 1 }), releaseIt)] as const]
      : []),
    ...(capabilities.watch && watch ? [["watch", () => Effect.scoped(storage.watch(of))] as const] : [])
  ]
}

const releaseIt = (answer: Effect.Success<ReturnType<OpenStorage["exclusive"]>>) =>
  answer._tag === "Lease" ? answer.release : Effect.void

/** Succeeds or fails with a StorageFailure that names its operation, and does so soon. */
const mustBehave = Effect.fnUntraced(function* (
  bench: StorageBench,
  operation: Operation,
  run: () => Effect.Effect<unknown, unknown>,
  circumstance: string
) {
  const exit = yield* within(
    bench,
    Effect.exit(Effect.suspend(run)),
    `${operation} ${circumstance} was still running after ${2 * patience} ms`,
    2 * patience
  )
  if (Exit.isSuccess(exit)) return false
  const reason = exit.cause.reasons.find((each) => !Cause.isFailReason(each))
  if (reason) return yield* broken(`${operation} ${circumstance} did not fail with a StorageFailure: it threw`)
  const error = Object(Cause.squash(exit.cause)) as Partial<StorageFailure>
  yield* ensure(error._tag === "StorageFailure", `${operation} ${circumstance} failed with no StorageFailure`)
  const allowed: ReadonlyArray<unknown> = operation === "exclusive" ? ["exclusive", "release"] : [operation]
  yield* ensure(allowed.includes(error.operation), `a failure of ${operation} is said to be one of ${error.operation}`)
  return true
})

/** A clock that counts who sleeps by it. */
const countingClock = (clock: Clock.Clock) => {
  const counting = { sleepers: 0 }
  const sleep: Clock.Clock["sleep"] = (duration) =>
    Effect.acquireUseRelease(
      Effect.sync(() => (counting.sleepers += 1)),
      () => clock.sleep(duration),
      () => Effect.sync(() => (counting.sleepers -= 1))
    )
  const made: Clock.Clock = Object.create(clock, { sleep: { value: sleep } })
  return { clock: made, counting }
}

export const manners: ReadonlyArray<Law<StorageBench>> = [
  {
    id: "capabilities-are-true",
    guarantees: ["STO-1"],
    statement: "The capabilities are what the author says they are, and name the operations that are there.",
    needs: [],
    check: Effect.fnUntraced(function* ({ capabilities, open }) {
      const { service } = yield* open
      const said = service.capabilities
      for (const each of ["durable", "shared", "exclusive", "watch"] as const) {
        yield* ensure(said[each] === capabilities[each], `${each} is ${said[each]}, and its author says otherwise`)
      }
      for (const each of ["exclusive", "watch"] as const) {
        const there = typeof service[each] === "function"
        yield* ensure(
          said[each] === there,
          `${each} is ${said[each]}, and the operation is ${there ? "" : "not "}there`
        )
      }
    })
  },
  {
    id: "nothing-happens-until-run",
    guarantees: ["STO-1"],
    statement: "An operation does nothing until it is run.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      const storage = yield* bench.open
      const { exclusive, watch } = storage.service
      yield* mustSave(storage, name, "text", 1)
      const built = [
        storage.service.save(name, { text: "too early", fence: 2 }),
        storage.service.remove(name),
        exclusive?.call(storage.service, name, { owner: "too early", millis: longLease }),
        watch?.call(storage.service, name)
      ]
      const effects = built.filter((each) => each !== undefined)
      yield* ensure(effects.every(Effect.isEffect), "an operation answered with something that is no effect")
      yield* bench.pass(50)
      yield* expectText(storage, name, "text")
      if (!exclusive) return
      const lease = yield* mustGet(storage, name, "owner")
      yield* Effect.sync(() => void lease.release)
      yield* bench.pass(50)
      yield* mustBeHeld(storage, name, "other", "owner")
    })
  },
  {
    id: "operations-run-again",
    guarantees: ["STO-1"],
    statement: "An operation that was run can be run again, and does it again.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      const storage = yield* bench.open
      const load = storage.load(name)
      const save = storage.save(name, { text: "text", fence: 1 })
      const remove = storage.remove(name)
      for (let round = 0; round < 2; round += 1) {
        yield* ensure((yield* load) === undefined, "a load that was run before answers with what is not there any more")
        yield* ensure(yield* save, "a save that was run before was refused")
        yield* ensure((yield* load)?.text === "text", "a load that was run before does not answer with what is there")
        yield* remove
      }
      if (!bench.capabilities.exclusive) return
      const asking = ask(storage, name, "owner")
      const [first, second] = [yield* asking, yield* asking]
      yield* ensure(
        first._tag === "Lease" && second._tag === "Lease" && second.fence > first.fence,
        "asking again, by the same effect, granted no lease with a higher fence"
      )
    })
  },
  {
    id: "failures-are-typed",
    guarantees: ["STO-2"],
    statement:
      "Whatever name, text or owner it is given, an operation succeeds or fails with a StorageFailure of its own.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      const storage = yield* bench.open
      for (const of of hostileNames) {
        for (const [operation, run] of operationsOn(storage, of, "\uDFFF")) {
          yield* mustBehave(bench, operation, run, `of ${JSON.stringify(of.slice(0, 20))}`)
        }
      }
      yield* mustSave(storage, name, "text", 1)
      yield* expectText(storage, name, "text")
    })
  },
  {
    id: "broken-place-fails-typed",
    guarantees: ["STO-2"],
    statement: "Without what it stands on, an adapter fails within 10 s, and with StorageFailures.",
    needs: ["break"],
    check: Effect.fnUntraced(function* (bench) {
      const storage = yield* bench.open
      yield* mustSave(storage, name, "text", 1)
      yield* bench.break
      let failures = 0
      for (const [operation, run] of operationsOn(storage, name, "text")) {
        if (yield* mustBehave(bench, operation, run, "in a broken place")) failures += 1
      }
      yield* ensure(failures > 0, "in a broken place, no operation failed")
    })
  },
  {
    id: "closing-leaves-nobody-asleep",
    guarantees: ["RUN-2"],
    statement: "Once it is closed, whatever it was doing, a storage sleeps no more.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      const { clock, counting } = countingClock(yield* Clock.Clock)
      const use = Effect.gen(function* () {
        const [one, other] = yield* bench.pair
        const usual = yield* usualTime(mustSave(one, name, "text", 1))
        if (bench.capabilities.watch) yield* Effect.forkScoped(yield* other.watch(name))
        if (bench.capabilities.exclusive) yield* mustGet(one, name, "owner")
        yield* interruptAt(bench, one.save(name, { text: "other", fence: 1 }), 1, usual)
        yield* bench.pass(5)
      })
      yield* Effect.provideService(Effect.scoped(use), Clock.Clock, clock)
      yield* eventually(
        bench,
        Effect.sync(() => (counting.sleepers === 0 ? true : undefined)),
        1_000,
        "somebody still sleeps after the storage was closed"
      )
    })
  },
  {
    id: "leaves-nothing-lying-about",
    guarantees: ["STO-6"],
    statement: "The hundredth save, lease and interruption leaves no more behind than the first ones.",
    needs: ["contents"],
    check: Effect.fnUntraced(function* (bench) {
      const [one, other] = yield* bench.pair
      let fence = 1
      const use = Effect.fnUntraced(function* (storage: OpenStorage, point: number) {
        if (bench.capabilities.exclusive) {
          const lease = yield* mustGet(storage, name, "owner")
          fence = lease.fence
          yield* mustSave(storage, name, "text", fence)
          yield* lease.release
        }
        fence += 1
        const usual = yield* usualTime(mustSave(storage, name, "text", fence))
        yield* interruptAt(bench, storage.save(name, { text: "other", fence }), point % interruptionPoints, usual)
      })
      for (let round = 0; round < 3; round += 1) yield* use(one, round)
      const before = yield* bench.contents
      for (let round = 0; round < 100; round += 1) yield* use(round % 2 === 0 ? one : other, round)
      yield* eventually(
        bench,
        Effect.map(bench.contents, (after) => (after.length <= before.length ? after : undefined)),
        patience,
        `${before.length} things lay there after three rounds, and more after a hundred`
      )
    })
  }
]
