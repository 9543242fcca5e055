import { type CreateTokenKeepOptions, type StorageFailure, TokenStorage } from "@tokenkeep/core"
import { randomUUID } from "node:crypto"
import * as Effect from "effect/Effect"
import { failed, ok, type Verdict, warning } from "./Finding.ts"

/** A name of its own: no client has it. */
const name = "tokenkeep-doctor"

const millis = 5_000

const wrong = (what: string): Verdict =>
  failed("storage", what, "Report it, with the kind of storage and its file system.")

/** Takes a lease, writes and reads a record under it, and removes both. */
const tryOut = Effect.fnUntraced(function* (storage: TokenStorage["Service"]) {
  const { acquireLease, load, remove, save } = storage
  if (acquireLease === undefined) return ok("the storage of one process needs no lease")
  const lease = yield* acquireLease(name, { owner: randomUUID(), millis })
  if (lease._tag === "LeaseTaken") {
    return warning(
      "storage",
      `Another run of this check (${lease.owner}) has the lease.`,
      "Run this command again in a few seconds."
    )
  }
  const text = randomUUID()
  const isSaved = yield* save(name, { text, fence: lease.fence })
  const loaded = yield* load(name)
  yield* remove(name)
  yield* lease.release
  if (!isSaved || loaded?.text !== text) return wrong("A record that was saved cannot be loaded.")
  return ok("a lease was taken and released, and a record was saved, loaded and removed")
})

const onFailure = ({ detail, insecure, operation }: StorageFailure): Verdict =>
  failed(
    "storage",
    `The storage failed (${operation}: ${detail}).`,
    insecure === true ? "Use a place that only this user can write to." : "Fix the storage."
  )

/** Whether the storage does what a renewal needs. */
export const checkLease = (layer: CreateTokenKeepOptions["storage"]): Promise<Verdict> =>
  Effect.runPromise(
    TokenStorage.use(tryOut).pipe(
      Effect.catch((failure) => Effect.succeed(onFailure(failure))),
      Effect.provide(layer)
    )
  )
