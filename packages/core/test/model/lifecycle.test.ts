import { createHash } from "node:crypto"
import { env } from "node:process"
import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import type { AccessToken, TokenManager } from "../../src/index.ts"
import { type Command, command } from "./Commands.ts"
import { play } from "./Script.ts"

/**
 * `MODEL_RUNS` plays more lives, `MODEL_SEED` others; a failure prints the seed, and the shortest script that fails
 * (with `MODEL_SHRINK=no` the first one, which takes less time).
 */
const numRuns = Number(env["MODEL_RUNS"] ?? 3_000)
const seed = Number(env["MODEL_SEED"] ?? 20_260_801)

const lives = fc.tuple(
  fc.array(command, { minLength: 1, maxLength: 60, size: "max" }),
  fc.record({ burst: fc.constantFrom(10, 2), seed: fc.nat() })
)

/** What a few thousand lives come to: without it, they would prove little. */
const wanted = [
  "a deadline",
  "a dispose's grace",
  "a hit during a renewal",
  "a learned life",
  "a straggler",
  "adopted",
  "an end",
  "another try",
  "budget-exceeded",
  "failed in the background",
  "failed in the foreground",
  "issued",
  "key-rejected",
  "rejected",
  "renewal-failed",
  "renewal-started",
  "storage-degraded",
  "storage-recovered"
]

// The platform hashes on a thread of its own; here everything comes to rest within one turn.
beforeAll(() => {
  vi.spyOn(crypto.subtle, "digest").mockImplementation((_, data) => {
    const digest = createHash("sha256").update(new Uint8Array(data as Uint8Array))
    return Promise.resolve(new Uint8Array(digest.digest()).buffer)
  })
})
afterAll(() => void vi.restoreAllMocks())

describe("a token's whole life, at random", () => {
  const promises = "KEY-2 KEY-3 TOK-1 TOK-2 TOK-4 TOK-5 TOK-6 TOK-7 TOK-8 TOK-9 TOK-10 STO-2 OBS-1 OBS-2 RUN-2 are kept"

  it(`${promises}, whatever comes in whatever order (${numRuns} lives from seed ${seed})`, async () => {
    const reached = new Set<string>()
    const details = await fc.check(
      fc.asyncProperty(lives, async ([script, options]) => {
        const played = await Effect.runPromise(play(script, options))
        for (const what of played.reached) reached.add(what)
        return played.violations.length === 0
      }),
      { seed, numRuns, endOnFailure: env["MODEL_SHRINK"] === "no" }
    )
    if (details.counterexample !== null) {
      const [[script, options]] = details.counterexample
      const { lines, violations } = await Effect.runPromise(play(script, options))
      const head = `MODEL_SEED=${seed}, life ${details.numRuns}, with a budget of ${options.burst}:`
      assert.fail([head, ...lines.map((line) => `  ${line}`), ...violations].join("\n"))
    }
    if (numRuns >= 2_000)
      assert.deepStrictEqual(
        [...wanted].filter((what) => !reached.has(what)),
        []
      )
  }, 3_600_000)
})

describe("the model notices", () => {
  const options = { burst: 10, seed: 1 }
  const get: Command = { do: "get", times: 2 }
  const reject: Command = { do: "reject", back: 0, how: "invalid", by: "token" }

  type Manager = TokenManager["Service"]

  /** A manager that keeps the first token it had, whatever comes. */
  const stubborn = (manager: Manager): Manager => {
    let first: AccessToken | undefined
    const token = Effect.suspend(() => (first === undefined ? manager.get : Effect.succeed(first)))
    return { ...manager, get: Effect.tap(token, (got) => Effect.sync(() => (first ??= got))) }
  }

  const cases: ReadonlyArray<readonly [string, string, ReadonlyArray<Command>, (manager: Manager) => Manager]> = [
    ["a refused token that comes back", "TOK-4", [get, reject, get], stubborn],
    ["a token that outlives its end", "TOK-9", [get, { do: "advance", by: { mark: "end", off: 0 } }, get], stubborn],
    ["a token after the dispose", "TOK-9", [get, { do: "dispose" }, get], stubborn],
    [
      "a hit that renews each time",
      "TOK-5",
      [get, { do: "peek" }],
      (manager) => ({
        ...manager,
        peek: () => {
          const token = manager.peek()
          if (token !== undefined) Effect.runFork(Effect.andThen(manager.reject(token), manager.get))
          return token
        }
      })
    ],
    [
      "a refusal that is not heard",
      "OBS-2",
      [get, reject, get],
      (manager) => ({ ...manager, reject: () => Effect.void })
    ],
    [
      "a good token that is not returned",
      "TOK-1",
      [get, { do: "peek" }],
      (manager) => ({ ...manager, peek: () => undefined })
    ]
  ]

  it.each(cases)("%s, and names %s", async (_, promise, script, spoiled) => {
    const { lines, violations } = await Effect.runPromise(play(script, options, spoiled))
    assert.include(violations.join("\n"), promise, lines.join("\n"))
  })
})
