import { transportLaws, transportSubject } from "@tokenkeep/conformance/transport"
import { testLaws } from "@tokenkeep/conformance/vitest"
import { Transport } from "@tokenkeep/core"
import * as Layer from "effect/Layer"
import { describe, expect, it } from "vitest"

describe("REQ-6: the laws of transports", () => {
  it("have names of their own, in kebab-case", () => {
    const ids = transportLaws.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter((id) => !/^[a-z]+(-[a-z]+)*$/.test(id))).toEqual([])
  })

  it.each(transportLaws)("$id is one sentence, and serves a promise", ({ guarantees, statement }) => {
    expect(statement).toMatch(/^[A-Z][^.]*\.$/)
    expect(guarantees).not.toEqual([])
  })
})

// The platform's own fetch breaks none of them.
testLaws(
  transportSubject({ title: "a transport over fetch", layer: Layer.sync(Transport, () => Transport.fromFetch(fetch)) })
)
