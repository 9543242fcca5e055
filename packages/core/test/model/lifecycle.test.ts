import { createHash, randomInt } from "node:crypto"
import { env } from "node:process"
import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import type { AccessToken, TokenManager, TokenStorage } from "../../src/index.ts"
import type { Command } from "./Command.ts"
import { randomLives } from "./RandomLives.ts"
import { play, type Sabotage } from "./PlayScript.ts"
import type { WorldOptions } from "./World.ts"

/**
 * `MODEL_RUNS` sets how many lives are played, `MODEL_SEED` which ones, and `MODEL_SEED=random` others each time. A
 * failure prints the seed and the shortest script that fails (with `MODEL_SHRINK=no` the first one, which takes less
 * time).
 */
const numRuns = Number(env["MODEL_RUNS"] ?? 1_000)
const seed = env["MODEL_SEED"] === "random" ? randomInt(2 ** 31) : Number(env["MODEL_SEED"] ?? 1)

/** What a thousand lives must reach, each many times: without it, they would prove little. */
const mustReach = [
  "the deadline of a token request",
  "the end of dispose's grace",
  "a shared failure that is adopted",
  "a failure that is shared",
  "a fault shorter than the grace",
  "a request on the cached token during a renewal",
  "a learned lifetime",
  "a lease that another client owns",
  "a probe that fails",
  "a probe that succeeds",
  "a shared rejection that is adopted",
  "a rejection that is shared",
  "a save with an outdated fence",
  "a late rejection of an older token",
  "adopted",
  "another client's token in place of the own one",
  "a token that expires",
  "a retry",
  "token-request-limited",
  "a failed background renewal",
  "a failed foreground renewal",
  "issued",
  "key-rejected",
  "lease-waited",
  "record-ignored",
  "rejected",
  "renewal-failed",
  "renewal-started",
  "storage-degraded",
  "storage-recovered",
  "use of the fallback"
]

// The platform hashes on its own thread; here everything comes to rest within one turn.
beforeAll(() => {
  vi.spyOn(crypto.subtle, "digest").mockImplementation((_, data) => {
    const digest = createHash("sha256").update(new Uint8Array(data as Uint8Array))
    return Promise.resolve(new Uint8Array(digest.digest()).buffer)
  })
})
afterAll(() => void vi.restoreAllMocks())

const guarantees = [
  "KEY-2 KEY-3 KEY-4 TOK-1 TOK-2 TOK-3 TOK-4 TOK-5 TOK-6 TOK-7 TOK-8 TOK-9 TOK-10",
  "STO-2 OBS-1 OBS-2 RUN-2 hold"
].join(" ")

describe("a token's whole life, with random commands", () => {
  it(`${guarantees} for random commands in any order (${numRuns} lives, MODEL_SEED=${seed})`, async () => {
    const counts = new Map<string, number>()
    const details = await fc.check(
      fc.asyncProperty(randomLives, async ([script, options]) => {
        const played = await Effect.runPromise(play(script, options))
        for (const what of played.reached) counts.set(what, (counts.get(what) ?? 0) + 1)
        return played.violations.length === 0
      }),
      { seed, numRuns, endOnFailure: env["MODEL_SHRINK"] === "no" }
    )
    if (details.counterexample !== null) {
      const [[script, options]] = details.counterexample
      const { lines, violations } = await Effect.runPromise(play(script, options))
      const head = `MODEL_SEED=${seed} MODEL_RUNS=${details.numRuns}, in ${JSON.stringify(options)}:`
      assert.fail([head, ...lines.map((line) => `  ${line}`), ...violations].join("\n"))
    }
    const rare = mustReach.filter((what) => (counts.get(what) ?? 0) < Math.floor(numRuns / 500))
    assert.deepStrictEqual(rare, [], `MODEL_SEED=${seed} reaches these too rarely`)
  }, 3_600_000)
})

describe("the model notices", () => {
  const world: WorldOptions = {
    burst: 10,
    seed: 1,
    acquireLease: true,
    watching: "none",
    fallback: false,
    required: false
  }
  const get: Command = { do: "get", times: 2 }
  const reject: Command = { do: "reject", back: 0, how: "invalid", by: "token" }
  const otherAcquires: Command = { do: "otherAcquires", steals: false, stuck: false }
  const later: Command = { do: "advance", by: { ms: 600 } }

  type Manager = TokenManager["Service"]
  type Storage = TokenStorage["Service"]

  /** A manager that always returns its first token. */
  const keepsFirstToken = (manager: Manager): Manager => {
    let first: AccessToken | undefined
    const token = Effect.suspend(() => (first === undefined ? manager.get : Effect.succeed(first)))
    return { ...manager, get: Effect.tap(token, (got) => Effect.sync(() => (first ??= got))) }
  }

  const withAcquire =
    (change: NonNullable<Storage["acquireLease"]>) =>
    (storage: Storage): Storage => ({ ...storage, acquireLease: change })

  const cases: ReadonlyArray<readonly [string, string, ReadonlyArray<Command>, Sabotage]> = [
    ["a rejected token that is used again", "TOK-4", [get, reject, get], { manager: keepsFirstToken }],
    [
      "a token that is used after it expired",
      "TOK-9",
      [get, { do: "advance", by: { mark: "end", off: 0 } }, get],
      { manager: keepsFirstToken }
    ],
    ["a token that is used after dispose", "TOK-9", [get, { do: "dispose" }, get], { manager: keepsFirstToken }],
    [
      "a request on the cached token that renews each time",
      "TOK-5",
      [get, { do: "peek" }],
      {
        manager: (manager) => ({
          ...manager,
          peek: () => {
            const token = manager.peek()
            if (token !== undefined) Effect.runFork(Effect.andThen(manager.reject(token), manager.get))
            return token
          }
        })
      }
    ],
    [
      "a rejection that is ignored",
      "OBS-2",
      [get, reject, get],
      { manager: (manager) => ({ ...manager, reject: () => Effect.void }) }
    ],
    [
      "a good token that is not returned",
      "TOK-1",
      [get, { do: "peek" }],
      { manager: (manager) => ({ ...manager, peek: () => undefined }) }
    ],
    // Hiding something of the storage is the same as a manager that does not load it.
    [
      "a token request although another client owns the lease",
      "TOK-3: a token request without the lease",
      [get, reject, otherAcquires, get],
      {
        storage: (storage) =>
          withAcquire((name, request) =>
            Effect.map(storage.acquireLease!(name, request), (result) =>
              result._tag === "Lease" ? result : { _tag: "Lease", fence: result.fence + 1, release: Effect.void }
            )
          )(storage)
      }
    ],
    [
      "a token request without asking for the lease",
      "TOK-3: a token request without the lease",
      [get],
      {
        storage: withAcquire(() => Effect.succeed({ _tag: "Lease", fence: 1, release: Effect.void }))
      }
    ],
    [
      "a lease that is not released",
      "TOK-3, STO-6: a lease is not released",
      [get],
      {
        storage: (storage) =>
          withAcquire((name, request) =>
            Effect.map(storage.acquireLease!(name, request), (result) =>
              result._tag === "Lease" ? { ...result, release: Effect.void } : result
            )
          )(storage)
      }
    ],
    [
      "a token of another process that is not loaded",
      "TOK-3: a token request although the storage has a good token",
      [get, reject, { do: "otherRenews", lifetime: 60_000, ago: 0 }, get],
      { storage: (storage) => ({ ...storage, load: (name) => Effect.as(storage.load(name), undefined) }) }
    ],
    [
      "a lease owner that does not load the record again",
      "TOK-3: the lease owner does not load the record again",
      [get],
      {
        storage: (storage) => {
          let loads = 0
          return { ...storage, load: (name) => ((loads += 1) > 1 ? Effect.undefined : storage.load(name)) }
        }
      }
    ],
    [
      "a client that waits, and does not ask for the free lease",
      "TOK-3: the lease is free, and a waiting client does not ask for it",
      [get, reject, otherAcquires, get, { do: "otherFinishes", ending: { how: "releases" } }, later],
      {
        storage: (storage) => {
          let last: Effect.Success<ReturnType<NonNullable<Storage["acquireLease"]>>> | undefined
          return withAcquire((name, request) => {
            if (last?._tag === "LeaseTaken") return Effect.succeed(last)
            return Effect.tap(storage.acquireLease!(name, request), (result) =>
              Effect.sync(() => {
                last = result
              })
            )
          })(storage)
        }
      }
    ],
    [
      "a token request that is not taken from the shared budget",
      "TOK-8: a token request that was not taken from the shared budget",
      [get],
      { storage: (storage) => ({ ...storage, save: () => Effect.succeed(true) }) }
    ],
    [
      "a save with another fence than the lease's",
      "TOK-3: saves with another fence than its lease's",
      [get],
      {
        storage: (storage) => ({
          ...storage,
          save: (name, stored) => storage.save(name, { ...stored, fence: stored.fence + 1 })
        })
      }
    ],
    [
      "a probe of the storage that saves nothing",
      "STO-2: remove is not the next step of a probe",
      [
        { do: "storage", operation: "load", behaviour: "fails", times: Infinity, stale: 0 },
        get,
        { do: "advance", by: { ms: 5_000 } },
        { do: "storage", operation: "load", behaviour: "works", times: 1, stale: 0 },
        get
      ],
      {
        storage: (storage) => ({
          ...storage,
          save: (name, stored) => (name.endsWith("-probe") ? Effect.succeed(true) : storage.save(name, stored))
        })
      }
    ]
  ]

  it.each(cases)("%s: reports %s", async (_, guarantee, script, sabotage) => {
    const { lines, violations } = await Effect.runPromise(play(script, world, sabotage))
    assert.include(violations.join("\n"), guarantee, lines.join("\n"))
  })
})
