import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import { StorageFailure, TokenStorage } from "../../src/index.ts"
import { manualClock } from "../support/manualClock.ts"
import { scriptedStorage, sharedStorage } from "../support/scriptedStorage.ts"
import { tokenResponse } from "../support/scriptedTransport.ts"
import { sharingClients } from "../support/sharingClients.ts"
import { testManager } from "../support/testManager.ts"
import { settled, until, untilIdle } from "../support/time.ts"

type Watch = NonNullable<TokenStorage["Service"]["watch"]>

/** A storage whose lease another client owns, with this watch. */
const watchedStorage = (watch: Watch) => {
  const storage = scriptedStorage()
  let questions = 0
  const service = TokenStorage.of({
    ...storage.service,
    acquireLease: () =>
      Effect.sync(() => {
        questions += 1
        return { _tag: "LeaseTaken", owner: "other", fence: 1, left: 60_000 } as const
      }),
    watch
  })
  return { storage: { ...storage, service }, questions: () => questions }
}

describe("STO-2: a client that waits for another client's lease", () => {
  for (const [what, changed] of [
    ["ends at once, without a change", Effect.void],
    ["throws", Effect.die(new Error("a bug of the adapter"))]
  ] as const) {
    it.effect(`asks for it now and then, and not without a pause, if its watch ${what}`, () => {
      const time = manualClock()
      return Effect.provideService(
        Effect.gen(function* () {
          const { questions, storage } = watchedStorage(() => Effect.succeed(changed))
          const { manager } = yield* testManager({ storage })
          const waiting = yield* Effect.forkChild(manager.get)
          yield* until("it waits", () => manager.status().lease.state === "waiting")
          yield* settled
          const before = questions()
          yield* settled
          assert.strictEqual(questions(), before)
          for (let steps = 0; steps < 20; steps += 1) {
            time.pass(50)
            yield* settled
          }
          assert.isAbove(questions(), before)
          assert.isUndefined(waiting.pollUnsafe())
          yield* Fiber.interrupt(waiting)
        }),
        Clock.Clock,
        time.clock
      )
    })
  }

  it.effect("watches again if its watch failed, and asks less and less often", () => {
    const time = manualClock()
    return Effect.provideService(
      Effect.gen(function* () {
        let watches = 0
        const { questions, storage } = watchedStorage(() => {
          watches += 1
          return new StorageFailure({ operation: "watch", detail: "too many connections" })
        })
        const { manager } = yield* testManager({ storage })
        const waiting = yield* Effect.forkChild(manager.get)
        yield* until("it waits", () => manager.status().lease.state === "waiting")
        for (let steps = 0; steps < 200; steps += 1) {
          time.pass(50)
          yield* settled
        }
        // Ten seconds: not every 50 ms, which a thousand clients at once would turn into an overload.
        assert.isAtMost(questions(), 30)
        assert.isAtLeast(questions(), 12)
        assert.isAtLeast(watches, questions() - 2)
        yield* Fiber.interrupt(waiting)
      }),
      Clock.Clock,
      time.clock
    )
  })
})

/** A storage of several clients that reports changes. */
const reportingStorage = () => {
  const storage = sharedStorage()
  const watchers = new Set<Queue.Queue<void>>()
  const notify = Effect.sync(() => watchers.forEach((changes) => Queue.offerUnsafe(changes, undefined)))
  const { acquireLease, save } = storage.service
  const service = TokenStorage.of({
    ...storage.service,
    save: (name, stored, quiet) => Effect.tap(save(name, stored), quiet === true ? Effect.void : notify),
    acquireLease: (name, request) =>
      Effect.map(acquireLease!(name, request), (lease) =>
        lease._tag === "Lease" ? { ...lease, release: Effect.andThen(lease.release, notify) } : lease
      ),
    watch: Effect.fnUntraced(function* () {
      storage.operations.push("watch")
      const changes = yield* Queue.dropping<void>(1)
      watchers.add(changes)
      yield* Effect.addFinalizer(() => Effect.sync(() => watchers.delete(changes)))
      return Queue.take(changes)
    })
  })
  return { ...storage, service }
}

describe("TOK-3: what a client that waits for another client's token asks of a storage that reports changes", () => {
  it.effect("the first time it looks again once it watches, after that it watches first and loads once", () =>
    Effect.gen(function* () {
      const storage = reportingStorage()
      const { calls, clients } = yield* sharingClients(2, { storage, script: () => undefined })
      const [owner, other] = clients.map(({ manager }) => manager)
      for (const [round, expected] of [
        ["load", "acquireLease", "watch", "load", "acquireLease"],
        ["watch", "load", "acquireLease"],
        ["watch", "load", "acquireLease"]
      ].entries()) {
        const renewing = yield* Effect.forkChild(owner!.get)
        yield* until("the token request is sent", () => calls.length === round + 1)
        const before = storage.operations.length
        const waiting = yield* Effect.forkChild(other!.get)
        yield* until("the other client waits", () => other!.status().lease.state === "waiting")
        yield* settled
        assert.deepStrictEqual(storage.operations.slice(before), expected)
        calls[round]!.respond(tokenResponse(`token-${round + 1}`))
        const token = yield* Fiber.join(waiting)
        assert.strictEqual(token.id, (yield* Fiber.join(renewing)).id)
        yield* untilIdle(owner!)
        assert.deepStrictEqual(storage.operations.slice(before + expected.length).toSorted(), [
          "load",
          "release",
          "save"
        ])
        yield* owner!.reject(token)
        yield* other!.reject(token)
      }
    })
  )
})
