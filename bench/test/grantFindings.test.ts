import type { JournalEntry } from "fleet"
import type { TokenUse } from "oauth2-issuer"
import { describe, expect, it } from "vitest"
import { findingsOf } from "../src/grants/findings.ts"

type Recorded = Parameters<typeof findingsOf>[0]

const entry = (step: JournalEntry["step"], token: string, at: number): JournalEntry => ({
  step,
  token,
  at,
  grant: "g",
  process: 1
})

const use = (token: string, at: number, outcome: TokenUse["outcome"], more: Partial<TokenUse> = {}): TokenUse => ({
  token,
  at,
  outcome,
  successor: undefined,
  isResponseLost: false,
  ...more
})

/** Two rotations, the second one when the access token was due. */
const clean: Recorded = {
  isStrict: true,
  hasFaults: false,
  grants: 1,
  uses: [use("a", 1, "exchanged"), use("b", 2_001, "exchanged")],
  journal: [
    entry("sent", "a", 0),
    entry("received", "a", 105),
    entry("stored", "a", 110),
    entry("sent", "b", 2_000),
    entry("stored", "b", 2_120)
  ],
  faults: [],
  losses: [],
  failures: [],
  requests: 10,
  crashes: [],
  faultsInARow: 9,
  tokenLifetime: 2_000
}

const loss = { grant: "g", code: "GRANT_LOST", isRevoked: true, at: 9_100, replacedAt: 9_200 }

/** The owner was killed before it stored the successor of b, and b was sent again. */
const lost: Recorded = {
  ...clean,
  hasFaults: true,
  uses: [...clean.uses, use("b", 9_000, "rejected")],
  journal: [...clean.journal.slice(0, 4), entry("sent", "b", 8_990)],
  faults: [{ kind: "kill", process: 1, at: 2_050, until: 2_050 }],
  losses: [loss]
}

const failure = { at: 9_150, process: 2, client: "g", message: "", causes: [], waitedMillis: 1 }

const brokenBy = (recorded: Partial<Recorded>) => findingsOf({ ...lost, ...recorded }).broken.join("\n")

describe("GRANT-1: what a run with shared refresh tokens finds", () => {
  it("keeps all promises: without a fault, and with a loss that a fault explains", () => {
    expect(findingsOf(clean)).toMatchObject({
      broken: [],
      rotations: 2,
      expiries: 1,
      intervals: [110, 120],
      saves: [5]
    })
    expect(findingsOf(lost)).toMatchObject({ broken: [], losses: { "process killed": 1 }, lostOutside: 0 })
  })

  it.each<[what: string, recorded: Partial<Recorded>, words: string]>([
    ["a successor that was stored, and a grant that is lost", { journal: clean.journal }, "outside the interval"],
    ["a refresh token that is sent after its successor was stored", { journal: clean.journal }, "is sent again"],
    ["a loss without a fault", { faults: [] }, "lost without a fault"],
    [
      "a kill of a process that had not sent it",
      { faults: [{ kind: "kill", process: 2, at: 2_050, until: 2_050 }] },
      "lost without a fault"
    ],
    ["a loss without a second use", { uses: clean.uses }, "outside the interval"],
    ["a loss that is called a rejection", { losses: [{ ...loss, code: "GRANT_REJECTED" }] }, "GRANT_REJECTED"],
    ["a verdict on a grant that works", { losses: [{ ...loss, isRevoked: false }] }, "has not revoked"],
    ["a failure that nothing explains", { failures: [{ ...failure, code: "STORAGE_FAILED" }] }, "a fault explains it"],
    ["a loss with a grace period", { isStrict: false }, "with a grace period, no grant is lost"],
    ["a crash", { crashes: ["process 1 ended with 1"] }, "no process crashes"]
  ])("notices %s", (_, recorded, words) => {
    expect(brokenBy(recorded)).toContain(words)
  })

  it.each<[what: string, recorded: Partial<Recorded>, words: string]>([
    ["a failed request", { failures: [{ ...failure, code: "GRANT_LOST" }] }, "no request fails: 1"],
    ["a refresh token that is sent twice", { uses: [...clean.uses, use("b", 2_010, "exchanged")] }, "sent twice: 1"],
    ["a rotation that was not due", { uses: [...clean.uses, use("c", 2_500, "exchanged")] }, "were due: 3"]
  ])("notices, without faults, %s", (_, recorded, words) => {
    expect(findingsOf({ ...clean, ...recorded }).broken.join("\n")).toContain(words)
  })

  it("does not call a loss unexplained if the response was cut", () => {
    const uses = [use("b", 2_001, "exchanged", { isResponseLost: true }), use("b", 9_000, "rejected")]
    expect(findingsOf({ ...lost, uses, faults: [{ kind: "response", at: 1_900, until: 1_900 }] })).toMatchObject({
      broken: [],
      losses: { "response lost": 1 }
    })
  })
})
