import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Formatter from "effect/Formatter"
import * as Hash from "effect/Hash"
import { expect, it } from "vitest"
import * as EffectStandIn from "../src/bundle/Effect.ts"
import * as EqualStandIn from "../src/bundle/Equal.ts"
import * as FormatterStandIn from "../src/bundle/Formatter.ts"
import * as HashStandIn from "../src/bundle/Hash.ts"

// The bundle has modules of its own in the place of some of effect. Here they are held against those of effect.

it.each([
  ["Effect", EffectStandIn, Effect],
  ["Equal", EqualStandIn, Equal],
  ["Formatter", FormatterStandIn, Formatter],
  ["Hash", HashStandIn, Hash]
])("%s has the names of effect's own, and no other", (_, standIn, real) => {
  expect(Object.keys(standIn).toSorted()).toEqual(Object.keys(real).toSorted())
})

const ends: ReadonlyArray<Effect.Effect<number, string>> = [
  Effect.succeed(1),
  Effect.as(Effect.yieldNow, 1),
  Effect.fail("expected"),
  Effect.die("defect"),
  Effect.failCause(Cause.interrupt(1)),
  Effect.onExit(Effect.fail("expected"), () => Effect.die("defect"))
]

it("ignore and ignoreCause end as those of effect do", async () => {
  for (const end of ends) {
    expect(await Effect.runPromiseExit(EffectStandIn.ignore(end))).toEqual(
      await Effect.runPromiseExit(Effect.ignore(end))
    )
    expect(await Effect.runPromiseExit(EffectStandIn.ignoreCause(end))).toEqual(Exit.void)
    expect(await Effect.runPromiseExit(Effect.ignoreCause(end))).toEqual(Exit.void)
  }
})

const reasons = (error: Error): ReadonlyArray<Cause.Reason<unknown>> => [
  ...Cause.fail<unknown>(error).reasons,
  ...Cause.fail<unknown>("lost").reasons,
  ...Cause.die(error).reasons,
  ...Cause.interrupt(1).reasons
]

it("equals and hash tell the reasons of failures apart, and know one again", () => {
  const error = new Error("lost")
  for (const [left, reason] of reasons(error).entries()) {
    for (const [right, other] of reasons(error).entries()) {
      expect(EqualStandIn.equals(reason, other)).toBe(left === right)
      expect(Equal.equals(reason, other)).toBe(left === right)
      expect(left !== right || HashStandIn.hash(reason) === HashStandIn.hash(other)).toBe(true)
    }
  }
  expect(HashStandIn.combine(1)(2)).toBe(HashStandIn.combine(1, 2))
})
