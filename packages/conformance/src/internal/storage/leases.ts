import { maxLeaseMillis } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import { type Checks, ensure, ensureEqual, violated } from "../checks.ts"
import {
  acquire,
  awaitLease,
  eventually,
  expectText,
  interruptAt,
  interruptionPoints,
  longLease,
  monotonic,
  mustAcquire,
  mustBeTaken,
  mustSave,
  name,
  takeOver,
  usualDuration
} from "./assertions.ts"
import type { Pair, StorageFixture } from "./fixture.ts"

const owners = Array.from({ length: 8 }, (_, index) => `owner-${index}`)

/** All owners try at once, half of them through each instance. Returns the leases that were granted. */
const acquireAtOnce = Effect.fnUntraced(function* (pair: Pair) {
  const attempts = owners.map((owner, index) => acquire(pair[index % 2 === 0 ? 0 : 1], name, owner))
  const results = yield* Effect.all(attempts, { concurrency: "unbounded" })
  return results.filter((result) => result._tag === "Lease")
})

export const leases: Checks<StorageFixture> = {
  "one-owner": {
    behaviour: "Of concurrent acquireLease calls from any instance, exactly one gets the lease.",
    guarantees: ["TOK-3"],
    requires: ["acquireLease"],
    *check({ pair }) {
      const storages = yield* pair
      for (let round = 0; round < 30; round += 1) {
        const [lease, ...others] = yield* acquireAtOnce(storages)
        if (lease === undefined) return yield* violated("a free lease was granted to none of 8 owners")
        yield* ensure(others.length === 0, `a lease was granted to ${others.length + 1} owners at once`)
        yield* mustSave(storages[round % 2 === 0 ? 0 : 1], name, `round ${round}`, lease.fence)
        yield* lease.release
      }
    }
  },
  "one-takes-over": {
    behaviour: "Of concurrent acquireLease calls that find an expired lease, exactly one gets it.",
    guarantees: ["TOK-3"],
    requires: ["acquireLease"],
    *check(fixture) {
      const storages = yield* fixture.pair
      for (let round = 0; round < 4; round += 1) {
        yield* mustAcquire(storages[0], name, "expired", fixture.shortLease)
        yield* fixture.pass(fixture.shortLease + 1)
        const granted = yield* eventually(
          fixture,
          Effect.map(acquireAtOnce(storages), (all) => (all.length === 0 ? undefined : all)),
          fixture.expiryTolerance,
          "an expired lease was granted to no owner"
        )
        yield* ensure(granted.length === 1, `an expired lease was granted to ${granted.length} owners`)
        for (const lease of granted) yield* lease.release
      }
    }
  },
  "acquire-does-not-wait": {
    behaviour: "acquireLease returns LeaseTaken at once if another owner has the lease, and does not wait for its end.",
    guarantees: ["TOK-3"],
    requires: ["acquireLease"],
    *check({ pair }) {
      const storages = yield* pair
      yield* mustAcquire(storages[0], name, "first")
      for (const storage of storages) yield* mustBeTaken(storage, name, "second", "first")
    }
  },
  "taken-names-owner": {
    behaviour: "LeaseTaken has the current owner's name, as the owner's Lease states it, and the fence of that lease.",
    guarantees: ["TOK-3", "OBS-2"],
    requires: ["acquireLease"],
    *check({ pair }) {
      const storages = yield* pair
      const lease = yield* mustAcquire(storages[0], name, "7f3a9c")
      for (const storage of storages) {
        const { fence, owner } = yield* mustBeTaken(storage, name, "late", "7f3a9c")
        yield* ensureEqual("LeaseTaken.fence", fence, lease.fence)
        if (lease.owner !== undefined) yield* ensureEqual("LeaseTaken.owner", owner, lease.owner)
      }
    }
  },
  "taken-has-time-left": {
    behaviour: "LeaseTaken says how long the lease lasts at most, and the lease is free after that time.",
    guarantees: ["TOK-3"],
    requires: ["acquireLease"],
    *check(fixture) {
      const { expiryTolerance, pair, pass, shortLease } = fixture
      const [one, other] = yield* pair
      yield* mustAcquire(one, name, "first", shortLease)
      const taken = yield* acquire(other, name, "second")
      // On a busy machine it has expired already.
      if (taken._tag === "Lease") return
      yield* ensure(taken.left >= 0 && taken.left <= shortLease, `LeaseTaken.left is ${taken.left} of ${shortLease} ms`)
      yield* pass(taken.left)
      yield* awaitLease(fixture, other, "second", expiryTolerance)
    }
  },
  "lease-expires": {
    behaviour: "A lease expires after its milliseconds, and not earlier, without any action of its owner.",
    guarantees: ["TOK-3", "STO-6"],
    requires: ["acquireLease"],
    *check(fixture) {
      const [one, other] = yield* fixture.pair
      const start = yield* monotonic
      yield* mustAcquire(one, name, "first", fixture.shortLease)
      yield* awaitLease(fixture, other, "second")
      const lasted = (yield* monotonic) - start
      // Clocks with a lower resolution may differ a little.
      yield* ensure(lasted >= fixture.shortLease * 0.9, `a lease of ${fixture.shortLease} ms lasted ${lasted} ms`)
    }
  },
  "lease-is-bounded": {
    behaviour: "A lease lasts a minute at most, whatever time was asked for.",
    guarantees: ["TOK-3"],
    requires: ["acquireLease"],
    *check({ pair }) {
      const [one, other] = yield* pair
      yield* mustAcquire(one, name, "first", 60 * maxLeaseMillis)
      const taken = yield* acquire(other, name, "second")
      if (taken._tag === "Lease") return yield* violated("a lease of an hour was granted to a second owner at once")
      yield* ensure(taken.left <= maxLeaseMillis, `a lease of an hour lasts ${taken.left} ms`)
    }
  },
  "owner-acquires-again": {
    behaviour: "The owner of a lease can acquire it again, with a higher fence and its full time from then on.",
    guarantees: ["TOK-3"],
    requires: ["acquireLease"],
    *check({ pair, pass, shortLease }) {
      const [one, other] = yield* pair
      const first = yield* mustAcquire(one, name, "owner", shortLease)
      const again = yield* mustAcquire(one, name, "owner")
      yield* ensure(again.fence > first.fence, `fence ${first.fence} was followed by ${again.fence}`)
      yield* pass(2 * shortLease)
      yield* ensureEqual("LeaseTaken.fence", (yield* mustBeTaken(other, name, "other", "owner")).fence, again.fence)
    }
  },
  "release-frees": {
    behaviour: "A released lease can be acquired at once by any instance, and a second release does nothing.",
    guarantees: ["TOK-3"],
    requires: ["acquireLease"],
    *check({ pair }) {
      const [one, other] = yield* pair
      for (let round = 0; round < 5; round += 1) {
        yield* (yield* mustAcquire(one, name, "first")).release
        const second = yield* mustAcquire(other, name, "second")
        yield* second.release
        yield* second.release
      }
    }
  },
  "late-release": {
    behaviour: "The release of an expired lease leaves the next owner's lease in place.",
    guarantees: ["TOK-3"],
    requires: ["acquireLease"],
    *check(fixture) {
      const storages = yield* fixture.pair
      const { current, lost } = yield* takeOver(fixture, storages)
      yield* lost.release
      for (const storage of storages) {
        yield* ensureEqual(
          "LeaseTaken.fence",
          (yield* mustBeTaken(storage, name, "third", "second")).fence,
          current.fence
        )
      }
    }
  },
  "superseded-release": {
    behaviour:
      "Once its owner has acquired a lease again, the release of the earlier one leaves the later one in place.",
    guarantees: ["TOK-3"],
    requires: ["acquireLease"],
    *check({ pair }) {
      const [one, other] = yield* pair
      const earlier = yield* mustAcquire(one, name, "owner")
      const later = yield* mustAcquire(one, name, "owner")
      yield* earlier.release
      yield* mustBeTaken(other, name, "other", "owner")
      yield* later.release
      yield* mustAcquire(other, name, "other")
    }
  },
  "interrupted-acquire": {
    behaviour: "An interrupted acquireLease leaves no lease behind.",
    guarantees: ["TOK-7", "STO-6"],
    requires: ["acquireLease"],
    *check(fixture) {
      const [one, other] = yield* fixture.pair
      const usual = yield* usualDuration(Effect.flatMap(mustAcquire(one, name, "usual"), ({ release }) => release))
      for (let point = 0; point < interruptionPoints; point += 1) {
        const exit = yield* interruptAt(fixture, acquire(one, name, `interrupted-${point}`), point, usual)
        // It completed before the interruption.
        if (exit._tag === "Success" && exit.value?._tag === "Lease") yield* exit.value.release
        yield* (yield* awaitLease(fixture, other, "next")).release
      }
    }
  },
  "leases-are-independent": {
    behaviour: "The lease of one name does not affect the lease of another.",
    guarantees: ["KEY-4", "TOK-3"],
    requires: ["acquireLease"],
    *check({ pair }) {
      const [one, other] = yield* pair
      const otherName = `${name}-0000000000000001`
      yield* mustAcquire(one, name, "first")
      yield* (yield* mustAcquire(other, otherName, "second")).release
      yield* mustBeTaken(other, name, "third", "first")
      yield* mustAcquire(one, otherName, "third")
    }
  },
  "lease-needs-no-record": {
    behaviour: "A lease neither needs nor makes a record, and save and remove leave it to its owner.",
    guarantees: ["TOK-3"],
    requires: ["acquireLease"],
    *check({ pair }) {
      const [one, other] = yield* pair
      const lease = yield* mustAcquire(one, name, "owner", longLease)
      yield* expectText(other, name, undefined)
      yield* mustSave(one, name, "text", lease.fence)
      yield* mustSave(other, name, "of another", lease.fence + 1)
      yield* mustBeTaken(other, name, "other", "owner")
      yield* other.remove(name)
      yield* expectText(one, name, undefined)
      yield* mustBeTaken(other, name, "other", "owner")
      yield* lease.release
      yield* expectText(other, name, undefined)
    }
  }
}
