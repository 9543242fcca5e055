import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { makeAwakeTimer, timeoutAwake } from "../../src/runtime/awakeTimer.ts"
import { manualClock } from "../support/manualClock.ts"
import { settled } from "../support/time.ts"

/** A running timer on a clock that the test sets: a jump is a freeze, in which all that is due comes at once. */
const timerOf = (millis: number) => {
  const time = manualClock()
  return Effect.provideService(
    Effect.gen(function* () {
      const timer = yield* makeAwakeTimer(millis)
      const running = yield* Effect.forkChild(timer.elapsed, { startImmediately: true })
      const pass = (by: number) =>
        Effect.gen(function* () {
          time.pass(by)
          yield* settled
        })
      return { timer, pass, hasElapsed: () => running.pollUnsafe() !== undefined }
    }),
    Clock.Clock,
    time.clock
  )
}

describe("TOK-10, STO-2: a timer that counts while the process is awake", () => {
  it.effect("elapses after its time, and not a millisecond earlier", () =>
    Effect.gen(function* () {
      const { elapsed } = yield* makeAwakeTimer(1_000)
      const running = yield* Effect.forkChild(elapsed, { startImmediately: true })
      yield* TestClock.adjust(999)
      yield* settled
      assert.isUndefined(running.pollUnsafe())
      yield* TestClock.adjust(1)
      yield* Fiber.join(running)
    })
  )

  it.effect("reports how much time is left", () =>
    Effect.gen(function* () {
      const { pass, timer } = yield* timerOf(1_000)
      const left = [timer.left()]
      for (const by of [100, 150, 250, 400, 100]) {
        yield* pass(by)
        left.push(timer.left())
      }
      assert.deepStrictEqual(left, [1_000, 900, 750, 500, 250, 150])
    })
  )

  it.effect("does not count a freeze, however long, and leaves the rest of its time after it", () =>
    Effect.gen(function* () {
      const { hasElapsed, pass, timer } = yield* timerOf(1_000)
      yield* pass(250)
      yield* pass(3_600_000)
      assert.isFalse(hasElapsed())
      assert.strictEqual(timer.left(), 750)
      for (let part = 0; part < 2; part += 1) yield* pass(250)
      assert.isFalse(hasElapsed())
      yield* pass(250)
      assert.isTrue(hasElapsed())
    })
  )

  it.effect("counts a delay that is shorter than twice its part: a busy process is awake", () =>
    Effect.gen(function* () {
      const { hasElapsed, pass } = yield* timerOf(1_000)
      for (let part = 0; part < 4; part += 1) yield* pass(499)
      assert.isTrue(hasElapsed())
    })
  )

  it.effect("elapses after 16 parts on a clock that always runs too fast", () =>
    Effect.gen(function* () {
      const { hasElapsed, pass, timer } = yield* timerOf(1_000)
      for (let part = 0; part < 15; part += 1) yield* pass(10_000)
      assert.isFalse(hasElapsed())
      yield* pass(10_000)
      assert.isTrue(hasElapsed())
      assert.strictEqual(timer.left(), 0)
    })
  )

  it.effect("does not count the time of an effect that it is paused for, whole parts or less", () =>
    Effect.gen(function* () {
      const { hasElapsed, pass, timer } = yield* timerOf(1_000)
      const pauseFor = (wait: Deferred.Deferred<void>) =>
        Effect.forkChild(timer.pausedFor(Deferred.await(wait)), { startImmediately: true })
      const [first, second] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      yield* pass(100)
      yield* pauseFor(first)
      for (const by of [150, 250, 250, 50]) yield* pass(by)
      yield* Deferred.succeed(first, undefined)
      yield* pass(200)
      // 700 ms of 1,000 were paused.
      assert.strictEqual(timer.left(), 700)
      yield* pauseFor(second)
      for (let part = 0; part < 20; part += 1) yield* pass(250)
      assert.deepStrictEqual([timer.left(), hasElapsed()], [700, false])
      yield* Deferred.succeed(second, undefined)
      for (const by of [250, 250]) yield* pass(by)
      assert.isFalse(hasElapsed())
      yield* pass(200)
      assert.isTrue(hasElapsed())
    })
  )
})

describe("timeoutAwake", () => {
  const late = () => "late" as const

  it.effect("returns what the effect returns or fails with in time", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* timeoutAwake(Effect.succeed(1), 1_000, late), 1)
      assert.strictEqual(yield* Effect.flip(timeoutAwake(Effect.fail("broken"), 1_000, late)), "broken")
    })
  )

  it.effect("interrupts the effect when its time is up, and fails", () =>
    Effect.gen(function* () {
      let interrupted = 0
      const endless = Effect.onInterrupt(Effect.never, () =>
        Effect.sync(() => {
          interrupted += 1
        })
      )
      const running = yield* Effect.forkChild(Effect.flip(timeoutAwake(endless, 1_000, late)))
      yield* settled
      yield* TestClock.adjust(1_000)
      assert.strictEqual(yield* Fiber.join(running), "late")
      assert.strictEqual(interrupted, 1)
    })
  )

  it.effect("leaves time for a result that arrived during a freeze", () => {
    const time = manualClock()
    return Effect.provideService(
      Effect.gen(function* () {
        const running = yield* Effect.forkChild(timeoutAwake(Effect.andThen(Effect.sleep(900), settled), 1_000, late))
        yield* settled
        time.pass(60_000)
        yield* settled
        yield* Fiber.join(running)
      }),
      Clock.Clock,
      time.clock
    )
  })
})
