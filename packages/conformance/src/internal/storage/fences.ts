import * as Effect from "effect/Effect"
import type { Law } from "../../Law.ts"
import type { StorageBench } from "../../StorageBench.ts"
import { ensure, expectText, mustGet, mustRefuse, mustSave, name, takeOver } from "./expectations.ts"

export const fences: ReadonlyArray<Law<StorageBench>> = [
  {
    id: "fences-rise",
    guarantees: ["TOK-3"],
    statement: "Each lease has a higher fence than all before it and than the record: after a release, an end, a save.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* (bench) {
      const pair = yield* bench.pair
      let last = 0
      const expectAbove = (fence: number, after: string) => {
        const before = last
        last = fence
        return ensure(
          Number.isSafeInteger(fence) && fence > before,
          `after ${after}, ${before} was followed by ${fence}`
        )
      }
      for (let round = 0; round < 3; round += 1) {
        for (const storage of pair) {
          const lease = yield* mustGet(storage, name, `owner-${round}`)
          yield* expectAbove(lease.fence, "a release")
          yield* lease.release
        }
      }
      const { current, lost } = yield* takeOver(bench, pair)
      yield* expectAbove(lost.fence, "a release")
      yield* expectAbove(current.fence, "an end")
      yield* current.release
      last += 1_000_000_000_000
      yield* mustSave(pair[0], name, "text", last)
      const next = yield* mustGet(pair[1], name, "owner")
      yield* expectAbove(next.fence, "a save")
      yield* pair[0].remove(name)
      yield* next.release
      yield* expectAbove((yield* mustGet(pair[0], name, "owner")).fence, "a removal")
    })
  },
  {
    id: "fences-stay-exact",
    guarantees: ["TOK-3"],
    statement: "The lease after a record with a very large fence has a higher one that is still exact.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* ({ open }) {
      const storage = yield* open
      yield* mustSave(storage, name, "text", Number.MAX_SAFE_INTEGER - 1)
      const { fence } = yield* mustGet(storage, name, "owner")
      yield* ensure(fence === Number.MAX_SAFE_INTEGER, `${Number.MAX_SAFE_INTEGER - 1} was followed by ${fence}`)
      yield* mustSave(storage, name, "last", fence)
    })
  },
  {
    id: "fences-outlive-closing",
    guarantees: ["TOK-3"],
    statement: "After a storage was closed and opened again, leases have higher fences than before.",
    needs: ["durable", "exclusive"],
    check: Effect.fnUntraced(function* ({ open }) {
      const before = yield* Effect.scoped(
        Effect.gen(function* () {
          const lease = yield* mustGet(yield* open, name, "before")
          yield* lease.release
          return lease
        })
      )
      const after = yield* mustGet(yield* open, name, "after")
      yield* ensure(after.fence > before.fence, `${before.fence} was followed by ${after.fence}`)
    })
  },
  {
    id: "owner-saves",
    guarantees: ["TOK-3"],
    statement: "The owner of the lease saves with its fence, more than once, also over the record of an earlier owner.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* (bench) {
      const pair = yield* bench.pair
      for (const storage of pair) {
        const lease = yield* mustGet(storage, name, "owner")
        yield* mustSave(storage, name, "once", lease.fence)
        yield* mustSave(storage, name, "twice", lease.fence)
        yield* expectText(pair[0], name, "twice")
        yield* lease.release
      }
    })
  },
  {
    id: "lost-lease-saves-nothing",
    guarantees: ["TOK-3"],
    statement:
      "Once a newer lease was granted, a save with an earlier one's fence is refused, even if nothing was saved yet.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* (bench) {
      const pair = yield* bench.pair
      const { current, lost } = yield* takeOver(bench, pair)
      for (const storage of pair) yield* mustRefuse(storage, name, "late", lost.fence)
      yield* expectText(pair[0], name, undefined)
      yield* current.release
      for (const storage of pair) yield* mustRefuse(storage, name, "too late", lost.fence)
      yield* expectText(pair[1], name, undefined)
    })
  },
  {
    id: "late-owner-overwrites-nothing",
    guarantees: ["TOK-3"],
    statement: "An owner whose lease ended cannot overwrite what the next owner saved.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* (bench) {
      const pair = yield* bench.pair
      const { current, lost } = yield* takeOver(bench, pair)
      yield* mustSave(pair[1], name, "newer", current.fence)
      for (const storage of pair) yield* mustRefuse(storage, name, "late", lost.fence)
      yield* current.release
      for (const storage of pair) yield* mustRefuse(storage, name, "late", lost.fence)
      yield* expectText(pair[0], name, "newer")
    })
  }
]
