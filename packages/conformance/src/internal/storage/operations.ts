import type { StorageFailure } from "@tokenkeep/core"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type Checks, ensure } from "../checks.ts"
import {
  acquire,
  eventually,
  expectText,
  interruptAt,
  interruptionPoints,
  longLease,
  mustAcquire,
  mustBeTaken,
  mustSave,
  name,
  passing,
  usualDuration
} from "./assertions.ts"
import type { OpenStorage, StorageFixture } from "./fixture.ts"

type Operation = StorageFailure["operation"]
type Operations = ReadonlyArray<readonly [operation: Operation, run: () => Effect.Effect<unknown, unknown>]>

/** Names that an adapter may be unable to store, if it fails with a StorageFailure. */
const hostileNames = ["", "\0", "\uD800", "../../../etc", "a/b/c", "con", "x".repeat(5_000), `${name}\n`]

const operationsOn = (storage: OpenStorage, of: string, text: string): Operations => {
  const { capabilities } = storage.service
  const acquireAndRelease = () =>
    Effect.flatMap(acquire(storage, of, text, 1), (lease) => (lease._tag === "Lease" ? lease.release : Effect.void))
  const all: Operations = [
    ["load", () => storage.load(of)],
    ["save", () => storage.save(of, { text, fence: 1 })],
    ["remove", () => storage.remove(of)],
    ["acquireLease", acquireAndRelease],
    ["watch", () => Effect.scoped(storage.watch(of))]
  ]
  const ofExclusive: Operations = [
    ["load", () => storage.exclusive.load(of)],
    ["replace", () => storage.exclusive.replace(of, { expected: undefined, record: { version: "1", text } })]
  ]
  const missing: ReadonlyArray<Operation> = (["acquireLease", "watch"] as const).filter((each) => !capabilities[each])
  return [...all.filter(([operation]) => !missing.includes(operation)), ...(capabilities.exclusive ? ofExclusive : [])]
}

/** Runs operations that may fail, but only with a StorageFailure of their own. Returns how many failed. */
const countFailures = Effect.fnUntraced(function* (fixture: StorageFixture, operations: Operations, where: string) {
  let failures = 0
  for (const [operation, run] of operations) {
    const exit = yield* passing(fixture, Effect.exit(Effect.suspend(run)))
    if (Exit.isSuccess(exit)) continue
    failures += 1
    const isTyped = exit.cause.reasons.every(Cause.isFailReason)
    const error = Object(Cause.squash(exit.cause)) as Partial<StorageFailure>
    yield* ensure(isTyped && error._tag === "StorageFailure", `${operation} ${where} failed without a StorageFailure`)
    const isOwn = error.operation === operation || (operation === "acquireLease" && error.operation === "release")
    yield* ensure(isOwn, `a failure of ${operation} names the operation ${error.operation}`)
  }
  return failures
})

/** A clock that counts the fibers that sleep. */
const countingClock = (clock: Clock.Clock) => {
  const count = { sleepers: 0 }
  const sleep: Clock.Clock["sleep"] = (duration) =>
    Effect.acquireUseRelease(
      Effect.sync(() => (count.sleepers += 1)),
      () => clock.sleep(duration),
      () => Effect.sync(() => (count.sleepers -= 1))
    )
  const counting: Clock.Clock = Object.create(clock, { sleep: { value: sleep } })
  return { counting, count }
}

export const operations: Checks<StorageFixture> = {
  "capabilities-are-true": {
    behaviour: "The capabilities are what the test file claims, and the operations that they promise are there.",
    guarantees: ["STO-1"],
    *check({ capabilities, open }) {
      const { service } = yield* open
      const actual = service.capabilities
      for (const each of ["durable", "shared", "acquireLease", "watch"] as const) {
        yield* ensure(actual[each] === capabilities[each], `capabilities.${each} is ${actual[each]}`)
      }
      const isExclusive = actual.exclusive ?? false
      yield* ensure(isExclusive === (capabilities.exclusive ?? false), `capabilities.exclusive is ${isExclusive}`)
      for (const each of ["acquireLease", "watch", "exclusive"] as const) {
        const isThere = service[each] !== undefined
        yield* ensure(
          (actual[each] ?? false) === isThere,
          `capabilities.${each} is ${actual[each]}, unlike the operation`
        )
      }
    }
  },
  "operations-are-lazy": {
    behaviour: "An operation does nothing until its effect is run.",
    guarantees: ["STO-1"],
    *check(fixture) {
      const storage = yield* fixture.open
      const { service } = storage
      yield* mustSave(storage, name, "text", 1)
      const effects = [
        service.save(name, { text: "too early", fence: 2 }),
        service.remove(name),
        service.acquireLease?.(name, { owner: "too early", millis: longLease }),
        service.watch?.(name),
        service.exclusive?.replace(name, { expected: undefined, record: { version: "1", text: "too early" } })
      ].filter((effect) => effect !== undefined)
      yield* ensure(effects.every(Effect.isEffect), "an operation returned something else than an effect")
      yield* fixture.pass(50)
      yield* expectText(storage, name, "text")
      const exclusive = yield* service.exclusive?.load(name) ?? Effect.undefined
      yield* ensure(exclusive === undefined, "an exclusive record was replaced before the effect was run")
      if (!service.acquireLease) return
      const lease = yield* mustAcquire(storage, name, "owner")
      yield* Effect.sync(() => void lease.release)
      yield* fixture.pass(50)
      yield* mustBeTaken(storage, name, "other", "owner")
    }
  },
  "operations-are-repeatable": {
    behaviour: "An effect that was run can be run again, and acts again.",
    guarantees: ["STO-1"],
    *check({ capabilities, open }) {
      const storage = yield* open
      const load = storage.load(name)
      const save = storage.save(name, { text: "text", fence: 1 })
      const remove = storage.remove(name)
      for (let round = 0; round < 2; round += 1) {
        yield* ensure((yield* load) === undefined, "a repeated load returned a record that was removed")
        yield* ensure(yield* save, "a repeated save was rejected")
        yield* ensure((yield* load)?.text === "text", "a repeated load did not return the record")
        yield* remove
      }
      if (capabilities.exclusive) {
        const loadExclusive = storage.exclusive.load(name)
        const replace = storage.exclusive.replace(name, { expected: undefined, record: { version: "1", text: "text" } })
        yield* ensure((yield* loadExclusive) === undefined, "an empty location returned an exclusive record")
        for (let round = 0; round < 2; round += 1) yield* ensure(yield* replace, "a repeated replace was refused")
        yield* ensure((yield* loadExclusive)?.text === "text", "a repeated exclusive load did not return the record")
      }
      if (!capabilities.acquireLease) return
      const acquiring = acquire(storage, name, "owner")
      const [first, second] = [yield* acquiring, yield* acquiring]
      const isNewer = first._tag === "Lease" && second._tag === "Lease" && second.fence > first.fence
      yield* ensure(isNewer, "a repeated acquireLease granted no lease with a higher fence")
    }
  },
  "failures-are-typed": {
    behaviour: "For any name, string or owner, an operation succeeds or fails with a StorageFailure that names it.",
    guarantees: ["STO-2"],
    *check(fixture) {
      const storage = yield* fixture.open
      for (const of of hostileNames) {
        yield* countFailures(fixture, operationsOn(storage, of, "\uDFFF"), `of ${JSON.stringify(of.slice(0, 20))}`)
      }
      yield* mustSave(storage, name, "text", 1)
      yield* expectText(storage, name, "text")
    }
  },
  "disabled-location-fails": {
    behaviour: "In a location that is unusable, operations do not hang, and they fail with a StorageFailure.",
    guarantees: ["STO-2"],
    requires: ["disable"],
    *check(fixture) {
      const storage = yield* fixture.open
      yield* mustSave(storage, name, "text", 1)
      yield* fixture.disable
      const failures = yield* countFailures(fixture, operationsOn(storage, name, "text"), "in an unusable location")
      yield* ensure(failures > 0, "no operation failed in an unusable location")
    }
  },
  "close-stops-timers": {
    behaviour: "A closed storage sleeps no more, whatever it was doing.",
    guarantees: ["RUN-2"],
    *check(fixture) {
      const { count, counting } = countingClock(yield* Clock.Clock)
      const use = Effect.gen(function* () {
        const [one, other] = yield* fixture.pair
        const usual = yield* usualDuration(mustSave(one, name, "text", 1))
        if (fixture.capabilities.watch) yield* Effect.forkScoped(yield* other.watch(name))
        if (fixture.capabilities.acquireLease) yield* mustAcquire(one, name, "owner")
        yield* interruptAt(fixture, one.save(name, { text: "other", fence: 1 }), 1, usual)
        if (fixture.capabilities.exclusive) {
          const change = { expected: undefined, record: { version: "1", text: "text" } }
          yield* interruptAt(fixture, one.exclusive.replace(name, change), 1, usual)
        }
        yield* fixture.pass(5)
      })
      yield* Effect.provideService(Effect.scoped(use), Clock.Clock, counting)
      const awake = Effect.sync(() => (count.sleepers === 0 ? true : undefined))
      yield* eventually(fixture, awake, 10_000, "a timer is still running after the storage was closed")
    }
  },
  "no-leftovers": {
    behaviour: "A hundred saves, leases and interruptions leave no more behind than three.",
    guarantees: ["STO-6"],
    requires: ["contents"],
    *check(fixture) {
      const { capabilities, contents } = fixture
      const [one, other] = yield* fixture.pair
      let fence = 1
      const use = Effect.fnUntraced(function* (storage: OpenStorage, round: number) {
        if (capabilities.acquireLease) {
          const lease = yield* mustAcquire(storage, name, "owner")
          fence = lease.fence
          yield* mustSave(storage, name, "text", fence)
          yield* lease.release
        }
        fence += 1
        const usual = yield* usualDuration(mustSave(storage, name, "text", fence))
        yield* interruptAt(fixture, storage.save(name, { text: "other", fence }), round % interruptionPoints, usual)
      })
      for (let round = 0; round < 3; round += 1) yield* use(one, round)
      const before = (yield* contents).length
      for (let round = 0; round < 100; round += 1) yield* use(round % 2 === 0 ? one : other, round)
      const isAsBefore = Effect.map(contents, ({ length }) => (length <= before ? true : undefined))
      yield* eventually(
        fixture,
        isAsBefore,
        10_000,
        `there were ${before} entries after three rounds, and more after 100`
      )
    }
  }
}
