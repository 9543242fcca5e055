import { type Held, type Lease, StorageFailure, TokenStorage } from "@tokenkeep/core"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { type Answer, asking } from "./asking.ts"
import type { Commands, Connection } from "./connection.ts"
import { failure } from "./failures.ts"
import type { Names } from "./names.ts"
import { decodeRecord, encodeText } from "./recordText.ts"
import { type Call, runScriptOnce } from "./runScript.ts"
import * as scripts from "./scripts.ts"
import { makeWatching } from "./watching.ts"

type Operation = StorageFailure["operation"]

/** Tells the requests of this storage from those of all others. */
const requests = () => {
  const storage = crypto.randomUUID()
  let count = 0
  return (): string => `${storage}:${(count += 1)}`
}

/** The storage over a connection, until the scope ends. */
export const redisStorage = Effect.fnUntraced(function* (connection: Connection, namesOf: (name: string) => Names) {
  yield* Effect.addFinalizer(() => Effect.sync(connection.close))
  const watching = makeWatching(connection.openSubscriber)
  yield* Effect.addFinalizer(() => Effect.sync(watching.close))
  const nextRequest = requests()

  /** Waits for the connection, then uses it. An interruption is not waited for: promises cannot be stopped. */
  const using = <A>(operation: Operation, use: (commands: Commands) => Promise<A>) =>
    Effect.tryPromise({ try: connection.ready, catch: failure(operation) }).pipe(
      Effect.flatMap((commands) => Effect.tryPromise({ try: () => use(commands), catch: failure(operation) }))
    )

  const run = (operation: Operation, script: scripts.Script, call: Call) =>
    using(operation, (commands) => runScriptOnce(commands, script, call))

  const leaseOf = ({ fence, granted, left, owner }: Answer, giveBack: Call): Lease | Held =>
    granted
      ? { _tag: "Lease", fence, release: Effect.asVoid(run("release", scripts.release, giveBack)) }
      : { _tag: "Held", owner, fence, left }

  return TokenStorage.of({
    capabilities: { durable: true, shared: true, exclusive: true, watch: true },

    load: (name) => Effect.map(run("load", scripts.load, { keys: [namesOf(name).record], args: [] }), decodeRecord),

    save: (name, { fence, text }) => {
      const { channel, fence: granted, lease, record } = namesOf(name)
      const encoded = encodeText(text)
      if (Buffer.byteLength(encoded) + 24 > scripts.maxRecord) {
        return new StorageFailure({ operation: "save", detail: `the record is larger than ${scripts.maxRecord} bytes` })
      }
      const call = { keys: [record, lease, granted], args: [`${fence}`, encoded, channel] }
      return Effect.map(run("save", scripts.save, call), (saved) => String(saved) === "1")
    },

    remove: (name) => Effect.asVoid(run("remove", scripts.remove, { keys: [namesOf(name).record], args: [] })),

    exclusive: (name, { millis, owner }) =>
      Effect.suspend(() => {
        const { channel, fence, lease, record } = namesOf(name)
        const request = nextRequest()
        const giveBack = { keys: [lease], args: [request, channel] }
        const { ask, giveUp } = asking(
          { keys: [record, lease, fence], args: [owner, request, `${Math.max(1, Math.ceil(millis))}`] },
          giveBack
        )
        return using("exclusive", ask).pipe(
          Effect.map((answer) => leaseOf(answer, giveBack)),
          Effect.onInterrupt(() => Effect.sync(giveUp))
        )
      }),

    watch: Effect.fnUntraced(function* (name) {
      const { channel } = namesOf(name)
      // What comes while nobody waits is kept for whoever waits next, once.
      const news = yield* Queue.dropping<void, Cause.Done>(1)
      const wake = (): void => void Queue.offerUnsafe(news, undefined)
      yield* Effect.addFinalizer(() =>
        Effect.andThen(
          Effect.sync(() => watching.leave(channel, wake)),
          // Whoever waits is let go.
          Queue.end(news)
        )
      )
      yield* Effect.tryPromise({ try: () => watching.join(channel, wake), catch: failure("watch") })
      return Effect.suspend(() => {
        watching.rejoin(channel)
        return Effect.ignore(Queue.take(news))
      })
    })
  })
})
