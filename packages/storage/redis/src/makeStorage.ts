import { type LeaseTaken, type Lease, maxLeaseMillis, StorageFailure, TokenStorage } from "@tokenkeep/core"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type { Commands } from "./connections/connection.ts"
import { failure } from "./failures.ts"
import { exclusiveRecords } from "./exclusiveRecords.ts"
import { leaseRequest, type LeaseResponse } from "./leaseRequest.ts"
import type { Names } from "./names.ts"
import { decodeRecord, encodeString } from "./recordEncoding.ts"
import { type Call, runScriptUntilLost } from "./runScript.ts"
import * as scripts from "./scripts.ts"
import type { Session } from "./session.ts"

type Operation = StorageFailure["operation"]

/** Request ids that no other storage uses. */
const requestIds = () => {
  const storage = crypto.randomUUID()
  let count = 0
  return (): string => `${storage}:${(count += 1)}`
}

/** The storage over a session, which it closes with the scope. */
export const redisStorage = Effect.fnUntraced(function* (session: Session, namesOf: (name: string) => Names) {
  const { close, ready, watchers } = session
  yield* Effect.addFinalizer(() => Effect.sync(close))
  const nextRequestId = requestIds()

  /** Waits for the connection, then uses it. An interruption returns at once, because a promise cannot be stopped. */
  const withCommands = <A>(operation: Operation, use: (commands: Commands) => Promise<A>) =>
    Effect.tryPromise({ try: ready, catch: failure(operation) }).pipe(
      Effect.flatMap((commands) =>
        Effect.tryPromise({ try: () => use(commands), catch: failure(operation) }).pipe(
          Effect.onInterrupt(() => Effect.sync(commands.abandoned))
        )
      )
    )

  const run = (operation: Operation, script: scripts.Script, call: Call) =>
    withCommands(operation, (commands) => runScriptUntilLost(commands, script, call))

  const leaseOf = ({ fence, granted, left, owner }: LeaseResponse, releaseCall: Call): Lease | LeaseTaken =>
    granted
      ? { _tag: "Lease", fence, release: Effect.asVoid(run("release", scripts.release, releaseCall)) }
      : { _tag: "LeaseTaken", owner, fence, left }

  return TokenStorage.of({
    capabilities: { durable: true, shared: true, acquireLease: true, watch: true, exclusive: true },

    load: (name) => Effect.map(run("load", scripts.load, { keys: [namesOf(name).record], args: [] }), decodeRecord),

    save: (name, { fence, text }, quiet = false) => {
      const { channel, fence: granted, lease, record } = namesOf(name)
      const encoded = encodeString(text)
      if (Buffer.byteLength(encoded) + 24 > scripts.maxRecord) {
        const detail = `the record is larger than ${scripts.maxRecord} bytes`
        return new StorageFailure({ operation: "save", detail, retryable: false })
      }
      const call = { keys: [record, lease, granted], args: [`${fence}`, encoded, quiet ? "" : channel] }
      return Effect.map(run("save", scripts.save, call), (saved) => String(saved) === "1")
    },

    remove: (name) => Effect.asVoid(run("remove", scripts.remove, { keys: [namesOf(name).record], args: [] })),

    acquireLease: (name, { millis, owner }) =>
      Effect.suspend(() => {
        const { channel, fence, lease, record } = namesOf(name)
        const requestId = nextRequestId()
        const releaseCall = { keys: [lease], args: [requestId, channel] }
        const { cancel, send } = leaseRequest(
          {
            keys: [record, lease, fence],
            args: [owner, requestId, `${Math.min(Math.max(1, Math.ceil(millis)), maxLeaseMillis)}`]
          },
          releaseCall
        )
        return withCommands("acquireLease", send).pipe(
          Effect.map((response) => leaseOf(response, releaseCall)),
          Effect.onInterrupt(() => Effect.sync(cancel))
        )
      }),

    exclusive: exclusiveRecords(run, namesOf),

    watch: Effect.fnUntraced(function* (name) {
      const { channel } = namesOf(name)
      // A change between two waits ends the next wait. One entry is enough for any number of changes.
      const changes = yield* Queue.dropping<void, Cause.Done>(1)
      // Whether a wait was given up, and no message came since. The connection may have been dropped silently.
      let isDoubtful = false
      const wake = (): void => {
        isDoubtful = false
        Queue.offerUnsafe(changes, undefined)
      }
      yield* Effect.addFinalizer(() =>
        Effect.andThen(
          Effect.sync(() => watchers.remove(channel, wake, isDoubtful)),
          // Ends a wait in progress.
          Queue.end(changes)
        )
      )
      yield* Effect.tryPromise({ try: () => watchers.add(channel, wake), catch: failure("watch") }).pipe(
        Effect.onInterrupt(() => Effect.sync(watchers.abandoned))
      )
      return Effect.suspend(() => {
        watchers.resubscribe(channel)
        return Queue.take(changes).pipe(
          Effect.catch(() => Effect.void),
          Effect.onInterrupt(() => Effect.sync(() => void (isDoubtful = true)))
        )
      })
    })
  })
})
