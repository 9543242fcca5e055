import * as Effect from "effect/Effect"
import { type Checks, ensure, ensureEqual } from "../checks.ts"
import { expectText, mustAcquire, mustReject, mustSave, name, takeOver } from "./assertions.ts"
import type { StorageFixture } from "./fixture.ts"

export const fences: Checks<StorageFixture> = {
  "fences-increase": {
    behaviour: "Each lease has a higher fence than every earlier lease and than the record.",
    guarantees: ["TOK-3"],
    requires: ["acquireLease"],
    *check(fixture) {
      const [one, other] = yield* fixture.pair
      let last = 0
      const mustBeAbove = (fence: number, after: string) => {
        const before = last
        last = fence
        const isHigher = Number.isSafeInteger(fence) && fence > before
        return ensure(isHigher, `after ${after}, fence ${before} was followed by ${fence}`)
      }
      for (const storage of [one, other, one, other]) {
        const lease = yield* mustAcquire(storage, name, "owner")
        yield* mustBeAbove(lease.fence, "a release")
        yield* lease.release
      }
      const { current, lost } = yield* takeOver(fixture, [one, other])
      yield* mustBeAbove(lost.fence, "a release")
      yield* mustBeAbove(current.fence, "an expiry")
      yield* current.release
      last += 1_000_000_000_000
      yield* mustSave(one, name, "text", last)
      const next = yield* mustAcquire(other, name, "owner")
      yield* mustBeAbove(next.fence, "a save")
      yield* one.remove(name)
      yield* next.release
      yield* mustBeAbove((yield* mustAcquire(one, name, "owner")).fence, "a remove")
    }
  },
  "lease-after-large-fence": {
    behaviour: "The lease after a record with a very large fence has an exact, higher fence.",
    guarantees: ["TOK-3"],
    requires: ["acquireLease"],
    *check({ open }) {
      const storage = yield* open
      yield* mustSave(storage, name, "text", Number.MAX_SAFE_INTEGER - 1)
      const { fence } = yield* mustAcquire(storage, name, "owner")
      yield* ensureEqual(`the fence after ${Number.MAX_SAFE_INTEGER - 1}`, fence, Number.MAX_SAFE_INTEGER)
      yield* mustSave(storage, name, "last", fence)
    }
  },
  "fences-are-durable": {
    behaviour: "After the storage was closed and opened again, leases have higher fences than before.",
    guarantees: ["TOK-3"],
    requires: ["durable", "acquireLease"],
    *check({ open }) {
      const before = yield* Effect.scoped(
        Effect.gen(function* () {
          const lease = yield* mustAcquire(yield* open, name, "before")
          yield* lease.release
          return lease.fence
        })
      )
      const { fence } = yield* mustAcquire(yield* open, name, "after")
      yield* ensure(fence > before, `fence ${before} was followed by ${fence}`)
    }
  },
  "owner-saves": {
    behaviour: "The owner of a lease can save with its fence more than once, also over an earlier owner's record.",
    guarantees: ["TOK-3"],
    requires: ["acquireLease"],
    *check({ pair }) {
      const storages = yield* pair
      for (const storage of storages) {
        const lease = yield* mustAcquire(storage, name, "owner")
        yield* mustSave(storage, name, "once", lease.fence)
        yield* mustSave(storage, name, "twice", lease.fence)
        yield* expectText(storages[0], name, "twice")
        yield* lease.release
      }
    }
  },
  "expired-lease-cannot-save": {
    behaviour: "Once a newer lease was granted, a save with an earlier fence is rejected, even if there is no record.",
    guarantees: ["TOK-3"],
    requires: ["acquireLease"],
    *check(fixture) {
      const storages = yield* fixture.pair
      const { current, lost } = yield* takeOver(fixture, storages)
      for (const storage of storages) yield* mustReject(storage, name, "late", lost.fence)
      yield* expectText(storages[0], name, undefined)
      yield* current.release
      for (const storage of storages) yield* mustReject(storage, name, "too late", lost.fence)
      yield* expectText(storages[1], name, undefined)
    }
  },
  "late-owner-cannot-overwrite": {
    behaviour: "An owner whose lease expired cannot overwrite what the next owner saved.",
    guarantees: ["TOK-3"],
    requires: ["acquireLease"],
    *check(fixture) {
      const storages = yield* fixture.pair
      const { current, lost } = yield* takeOver(fixture, storages)
      yield* mustSave(storages[1], name, "newer", current.fence)
      for (const storage of storages) yield* mustReject(storage, name, "late", lost.fence)
      yield* current.release
      for (const storage of storages) yield* mustReject(storage, name, "late", lost.fence)
      yield* expectText(storages[0], name, "newer")
    }
  }
}
