import { assert, describe, it } from "@effect/vitest"
import { AccessToken } from "../../src/index.ts"
import { type CredentialRecord, decodeRecord, encodeRecord } from "../../src/storage/record.ts"

const name = "record-1"

const now = 3_000

/** A record with every part, as it is stored. */
const stored = {
  name,
  token: { id: "7f3a", value: "token-1", issuedAt: 1_000, expiresAt: 61_000, source: "observed" },
  observed: { last: 66_000, estimate: 60_000 },
  budget: { left: 3, at: 2_000 },
  rejection: { kind: "rejected", status: 401, at: 3_000, until: 33_000, times: 2 },
  failed: { fence: 7, code: "ISSUER_UNAVAILABLE" }
}

type Part = Exclude<keyof typeof stored, "name">

const read = (changes: object): CredentialRecord | undefined =>
  decodeRecord(name, JSON.stringify({ ...stored, ...changes }), now)

/** The record in which one field of one part has another value. */
const readWith = (part: Part, field: string, value: unknown) => read({ [part]: { ...stored[part], [field]: value } })

/** Values that are no part of a record. */
const notObjects = [null, 7, "text", true, []]

describe("STO-1: a record", () => {
  it("is read as it was written", () => {
    const { id, issuedAt, expiresAt, source } = stored.token
    const token = AccessToken.make("token-1", { id, issuedAt, expiresAt, lifetimeSource: "observed" })
    const record: CredentialRecord = {
      token,
      observations: stored.observed,
      budget: stored.budget,
      rejection: { ...stored.rejection, kind: "rejected" },
      failed: { ...stored.failed, code: "ISSUER_UNAVAILABLE" }
    }
    assert.deepStrictEqual(JSON.parse(encodeRecord(name, record)), stored)
    const decoded = decodeRecord(name, encodeRecord(name, record), now)!
    assert.deepStrictEqual({ ...decoded, token }, record)
    assert.deepStrictEqual(
      [decoded.token!.id, decoded.token!.reveal(), decoded.token!.issuedAt, decoded.token!.expiresAt],
      [id, "token-1", issuedAt, expiresAt]
    )
    assert.strictEqual(decoded.token!.lifetimeSource, source)
  })

  it("has no part that was not written", () => {
    assert.deepStrictEqual(JSON.parse(encodeRecord(name, { observations: {} })), { name, observed: {} })
    assert.deepStrictEqual(decodeRecord(name, encodeRecord(name, { observations: {} }), now), {
      token: undefined,
      observations: { last: undefined, estimate: undefined },
      budget: undefined,
      rejection: undefined,
      failed: undefined
    })
  })

  it("KEY-4: is ignored under another name", () => {
    assert.isUndefined(decodeRecord("record-2", JSON.stringify(stored), now))
  })
})

describe("STO-3: a malformed token", () => {
  const malformed: ReadonlyArray<readonly [field: string, value: unknown]> = [
    ["id", undefined],
    ["id", 7],
    ["value", undefined],
    ["value", 7],
    ["value", "two words"],
    ["issuedAt", undefined],
    ["issuedAt", "1000"],
    ["issuedAt", null],
    ["expiresAt", null],
    ["expiresAt", "61000"],
    ["expiresAt", 1_999],
    ["expiresAt", 1e15]
  ]
  for (const [field, value] of malformed) {
    it(`makes the record unreadable: ${field} is ${JSON.stringify(value)}`, () => {
      assert.isUndefined(readWith("token", field, value))
    })
  }

  it("makes the record unreadable if it is not an object", () => {
    for (const token of notObjects) assert.isUndefined(read({ token }), JSON.stringify(token))
  })

  it("may lack its end, and the source of its lifetime", () => {
    assert.isUndefined(readWith("token", "expiresAt", undefined)!.token!.expiresAt)
    for (const source of ["declared", "jwt", "observed", "assumed"]) {
      assert.strictEqual(readWith("token", "source", source)!.token!.lifetimeSource, source)
    }
    for (const source of [undefined, "another", 7]) {
      assert.strictEqual(readWith("token", "source", source)!.token!.lifetimeSource, "declared")
    }
  })
})

describe("STO-3: another malformed part is left out, and the rest is read", () => {
  const malformed: ReadonlyArray<readonly [part: "budget" | "rejection" | "failed", field: string, value: unknown]> = [
    ["budget", "left", undefined],
    ["budget", "left", "3"],
    ["budget", "left", -0.1],
    ["budget", "at", undefined],
    ["budget", "at", "2000"],
    ["rejection", "kind", undefined],
    ["rejection", "kind", "another"],
    ["rejection", "status", "401"],
    ["rejection", "at", null],
    ["rejection", "until", "33000"],
    ["rejection", "times", undefined],
    ["failed", "fence", undefined],
    ["failed", "fence", "7"],
    ["failed", "code", undefined],
    ["failed", "code", "API_KEY_REJECTED"]
  ]
  for (const [part, field, value] of malformed) {
    it(`${part}: ${field} is ${JSON.stringify(value)}`, () => {
      assert.deepStrictEqual(
        { ...readWith(part, field, value), token: undefined },
        { ...read({ [part]: undefined }), token: undefined }
      )
    })
  }

  it("a part that is not an object", () => {
    for (const value of notObjects) {
      const record = read({ observed: value, budget: value, rejection: value, failed: value })!
      assert.strictEqual(record.token!.id, stored.token.id)
      assert.deepStrictEqual(
        { ...record, token: undefined },
        { token: undefined, observations: {}, budget: undefined, rejection: undefined, failed: undefined }
      )
    }
  })

  it("SEC-1: a reason of a rejection that is no word, which an error would show", () => {
    for (const reason of ["", "Invalid", "a b", "a-b", "x".repeat(41), "\u001b[2J", 7, null]) {
      const { reason: _, ...rest } = readWith("rejection", "reason", "invalid_client")!.rejection!
      assert.strictEqual(_, "invalid_client")
      assert.deepStrictEqual(readWith("rejection", "reason", reason)!.rejection, rest)
    }
  })

  it("TOK-6: an observed lifetime that is not plausible", () => {
    for (const lifetime of [undefined, null, "60000", 0, 999, -60_000, 1e15]) {
      assert.deepStrictEqual(readWith("observed", "last", lifetime)!.observations, {
        last: undefined,
        estimate: stored.observed.estimate
      })
      assert.deepStrictEqual(readWith("observed", "estimate", lifetime)!.observations, {
        last: stored.observed.last,
        estimate: undefined
      })
    }
  })
})

describe("what clients share in a record", () => {
  it("KEY-2: a rejected key or a rate limit", () => {
    for (const kind of ["rejected", "limited"]) {
      assert.strictEqual(readWith("rejection", "kind", kind)!.rejection?.kind, kind)
    }
  })

  it("TOK-7: both codes of a failed token request", () => {
    for (const code of ["ISSUER_UNAVAILABLE", "TOKEN_RESPONSE_INVALID"]) {
      assert.strictEqual(readWith("failed", "code", code)!.failed?.code, code)
    }
  })

  it("TOK-8: an empty budget", () => {
    assert.deepStrictEqual(readWith("budget", "left", 0)!.budget, { left: 0, at: 2_000 })
  })
})
