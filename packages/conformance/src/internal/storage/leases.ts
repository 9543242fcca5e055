import * as Effect from "effect/Effect"
import type { Law } from "../../Law.ts"
import type { OpenStorage, StorageBench } from "../../StorageBench.ts"
import {
  ask,
  awaitLease,
  broken,
  usualTime,
  ensure,
  expectText,
  interruptAt,
  interruptionPoints,
  longLease,
  monotonic,
  mustBeHeld,
  mustGet,
  mustSave,
  name,
  patience,
  takeOver,
  within
} from "./expectations.ts"

type Pair = readonly [OpenStorage, OpenStorage]

const askers = 8

/** All ask at once, half of them through either instance: the leases that were granted. */
const askAtOnce = Effect.fnUntraced(function* (pair: Pair) {
  const asking = Array.from({ length: askers }, (_, index) =>
    ask(pair[index % 2 === 0 ? 0 : 1], name, `asker-${index}`)
  )
  const answers = yield* Effect.all(asking, { concurrency: "unbounded" })
  return answers.filter((answer) => answer._tag === "Lease")
})

/** Exactly one of all who ask gets the lease. */
const mustElectOne = Effect.fnUntraced(function* (pair: Pair) {
  const [lease, ...others] = yield* askAtOnce(pair)
  if (lease === undefined) return yield* broken(`of ${askers} who asked for a free lease, none got it`)
  yield* ensure(others.length === 0, `of ${askers} who asked at once, ${others.length + 1} got the lease`)
  return lease
})

export const leases: ReadonlyArray<Law<StorageBench>> = [
  {
    id: "one-of-many",
    guarantees: ["TOK-3"],
    statement: "Of any number that ask at once, in whatever instance, exactly one gets the lease.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* (bench) {
      const pair = yield* bench.pair
      for (let round = 0; round < 30; round += 1) {
        const lease = yield* mustElectOne(pair)
        yield* mustSave(pair[round % 2 === 0 ? 0 : 1], name, `round ${round}`, lease.fence)
        yield* lease.release
      }
    })
  },
  {
    id: "ended-lease-goes-to-one",
    guarantees: ["TOK-3"],
    statement: "Of any number that find a lease that ended by itself, exactly one takes it over.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* (bench) {
      const pair = yield* bench.pair
      for (let round = 0; round < 4; round += 1) {
        yield* mustGet(pair[0], name, "gone", bench.shortLease)
        yield* bench.pass(bench.shortLease + 1)
        const end = (yield* monotonic) + bench.slack
        let granted = yield* askAtOnce(pair)
        while (granted.length === 0 && (yield* monotonic) < end) {
          yield* bench.pass(5)
          granted = yield* askAtOnce(pair)
        }
        const [lease] = granted
        if (lease === undefined) return yield* broken("nobody got a lease that had ended")
        yield* ensure(granted.length === 1, `${granted.length} took over the lease that had ended`)
        yield* lease.release
      }
    })
  },
  {
    id: "asking-does-not-wait",
    guarantees: ["TOK-3"],
    statement: "Whoever asks for a lease that another has is told at once, and does not wait for its end.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* (bench) {
      const pair = yield* bench.pair
      yield* mustGet(pair[0], name, "first")
      for (const storage of pair) {
        const asking = mustBeHeld(storage, name, "second", "first")
        yield* within(bench, asking, `who asked for a lease that is held had no answer after ${patience} ms`)
      }
    })
  },
  {
    id: "held-names-its-owner",
    guarantees: ["TOK-3", "OBS-2"],
    statement: "Whoever is refused learns who has the lease and the fence that it was granted with.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* ({ pair }) {
      const [one, other] = yield* pair
      const lease = yield* mustGet(one, name, "7f3a9c")
      for (const storage of [one, other]) {
        const held = yield* mustBeHeld(storage, name, "late", "7f3a9c")
        yield* ensure(held.fence === lease.fence, `Held has fence ${held.fence}, but ${lease.fence} was granted`)
      }
    })
  },
  {
    id: "held-tells-the-time-left",
    guarantees: ["TOK-3"],
    statement: "Whoever is refused learns how long the lease lasts at most, and gets it after that time.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* (bench) {
      const [one, other] = yield* bench.pair
      yield* mustGet(one, name, "first", bench.shortLease)
      const answer = yield* ask(other, name, "second")
      // On a machine that is busy enough, it has ended already.
      if (answer._tag === "Lease") return
      const { left } = answer
      yield* ensure(left >= 0 && left <= bench.shortLease, `of ${bench.shortLease} ms, ${left} are said to be left`)
      yield* bench.pass(left)
      yield* awaitLease(bench, other, name, "second", bench.slack)
    })
  },
  {
    id: "lease-ends-by-itself",
    guarantees: ["TOK-3", "STO-6"],
    statement: "A lease ends after its milliseconds, not before, although its owner does nothing.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* (bench) {
      const [one, other] = yield* bench.pair
      const start = yield* monotonic
      yield* mustGet(one, name, "first", bench.shortLease)
      yield* awaitLease(bench, other, name, "second")
      const lasted = (yield* monotonic) - start
      // Clocks of a coarser grain may differ by a little.
      yield* ensure(lasted >= bench.shortLease * 0.9, `of ${bench.shortLease} ms, it lasted ${Math.round(lasted)}`)
    })
  },
  {
    id: "owner-gets-it-again",
    guarantees: ["TOK-3"],
    statement: "The owner of a lease gets it again, with a higher fence and its full time from then on.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* (bench) {
      const [one, other] = yield* bench.pair
      const first = yield* mustGet(one, name, "owner", bench.shortLease)
      const again = yield* mustGet(one, name, "owner")
      yield* ensure(again.fence > first.fence, `fence ${first.fence} was followed by ${again.fence}`)
      yield* bench.pass(2 * bench.shortLease)
      const held = yield* mustBeHeld(other, name, "other", "owner")
      yield* ensure(held.fence === again.fence, `Held has fence ${held.fence}, but ${again.fence} was granted last`)
    })
  },
  {
    id: "release-frees-at-once",
    guarantees: ["TOK-3"],
    statement:
      "A lease that is given back goes to the next who asks, in whatever instance; giving it back twice is no fault.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* ({ pair }) {
      const [one, other] = yield* pair
      for (let round = 0; round < 5; round += 1) {
        const first = yield* mustGet(one, name, "first")
        yield* first.release
        const second = yield* mustGet(other, name, "second")
        yield* second.release
        yield* second.release
      }
    })
  },
  {
    id: "late-release-frees-nothing",
    guarantees: ["TOK-3"],
    statement: "The release of a lease that ended leaves the next owner's lease alone.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* (bench) {
      const pair = yield* bench.pair
      const { current, lost } = yield* takeOver(bench, pair)
      yield* lost.release
      for (const storage of pair) {
        const held = yield* mustBeHeld(storage, name, "third", "second")
        yield* ensure(held.fence === current.fence, `Held has fence ${held.fence}, but ${current.fence} was granted`)
      }
    })
  },
  {
    id: "replaced-release-frees-nothing",
    guarantees: ["TOK-3"],
    statement: "Once its owner got the lease again, the release of the earlier one leaves the later one alone.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* ({ pair }) {
      const [one, other] = yield* pair
      const earlier = yield* mustGet(one, name, "owner")
      const later = yield* mustGet(one, name, "owner")
      yield* earlier.release
      yield* mustBeHeld(other, name, "other", "owner")
      yield* later.release
      yield* mustGet(other, name, "other")
    })
  },
  {
    id: "interrupted-asking-leaves-no-lease",
    guarantees: ["TOK-7", "STO-6"],
    statement: "Whoever is interrupted while asking leaves no lease behind: others get it soon.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* (bench) {
      const [one, other] = yield* bench.pair
      const getAndRelease = Effect.flatMap(mustGet(one, name, "usual"), (lease) => lease.release)
      const usual = yield* usualTime(getAndRelease)
      for (let point = 0; point < interruptionPoints; point += 1) {
        const exit = yield* interruptAt(bench, ask(one, name, `interrupted-${point}`), point, usual)
        // It was answered before it was interrupted.
        if (exit._tag === "Success" && exit.value?._tag === "Lease") yield* exit.value.release
        const lease = yield* awaitLease(bench, other, name, "next", patience)
        yield* lease.release
      }
    })
  },
  {
    id: "leases-of-names-are-apart",
    guarantees: ["KEY-4", "TOK-3"],
    statement: "The lease of one name holds up nobody who asks for that of another.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* ({ pair }) {
      const [one, other] = yield* pair
      const otherName = `${name}-0000000000000001`
      yield* mustGet(one, name, "first")
      const second = yield* mustGet(other, otherName, "second")
      yield* second.release
      yield* mustBeHeld(other, name, "third", "first")
      yield* mustGet(one, otherName, "third")
    })
  },
  {
    id: "lease-and-record-are-apart",
    guarantees: ["TOK-3"],
    statement: "A lease needs no record and makes none; saving without it and removing leave it to its owner.",
    needs: ["exclusive"],
    check: Effect.fnUntraced(function* ({ pair }) {
      const [one, other] = yield* pair
      const lease = yield* mustGet(one, name, "owner", longLease)
      yield* expectText(other, name, undefined)
      yield* mustSave(one, name, "text", lease.fence)
      yield* mustSave(other, name, "of another", lease.fence + 1)
      yield* mustBeHeld(other, name, "other", "owner")
      yield* other.remove(name)
      yield* expectText(one, name, undefined)
      yield* mustBeHeld(other, name, "other", "owner")
      yield* lease.release
      yield* expectText(other, name, undefined)
    })
  }
]
