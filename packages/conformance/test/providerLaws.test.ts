import { checkLaw, lawsFor, providerLaws } from "@tokenkeep/conformance"
import { testLaws } from "@tokenkeep/conformance/vitest"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import {
  type WrongProvider,
  wrongAtIssuing,
  wrongAtJudging,
  wrongAtReading,
  wrongManners
} from "./mutants/providers.ts"
import { documented, subjectOf, tokenApi } from "./support/tokenApi.ts"

const wrong: ReadonlyArray<WrongProvider> = [...wrongAtIssuing, ...wrongAtReading, ...wrongAtJudging, ...wrongManners]

/** The laws that a provider breaks, each with how that showed. */
const brokenBy = ({
  caughtBy,
  mistake,
  provider
}: WrongProvider): Promise<ReadonlyArray<readonly [law: string, reason: string]>> => {
  const subject = subjectOf(mistake, provider)
  // It takes seconds, which most mistakes do not need.
  const laws = lawsFor(subject).filter(({ id }) => id !== "takes-little-time" || caughtBy.includes(id))
  const findings = Effect.forEach(laws, (law) =>
    Effect.match(checkLaw(law, subject), {
      onFailure: ({ reason }) => [[law.id, reason] as const],
      onSuccess: () => []
    })
  )
  return Effect.runPromise(Effect.map(findings, (found) => found.flat()))
}

// REQ-7, TOK-10: a provider that is right keeps them all, also one that documents little.
testLaws(subjectOf("an API with client credentials", tokenApi))
testLaws(
  subjectOf("one whose reference says little", tokenApi, {
    issued: { status: 200, body: '{"access_token":"at-5e1f09d7c2"}', token: "at-5e1f09d7c2" },
    expired: undefined,
    invalid: undefined,
    missing: undefined,
    limited: undefined,
    seed: 7
  })
)

describe("the laws of providers catch one that", () => {
  it.each(wrong)("$mistake", { timeout: 60_000 }, async (provider) => {
    const broken = await brokenBy(provider)
    expect(broken.map(([law]) => law)).toEqual(expect.arrayContaining([...provider.caughtBy]))
    for (const [, reason] of broken) expect(reason).not.toContain("s3cr3t-2f6c1d8e7b3a4950")
  })

  it("name each law: none of them catches nothing", () => {
    const naming = new Set(wrong.flatMap(({ caughtBy }) => caughtBy))
    expect(providerLaws.map(({ id }) => id).filter((id) => !naming.has(id))).toEqual([])
  })
})

describe("the laws of providers", () => {
  it("have names of their own, in kebab-case", () => {
    const ids = providerLaws.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([])
  })

  it.each(providerLaws)("$id is one sentence, and serves a promise", ({ guarantees, statement }) => {
    expect(statement).toMatch(/^[A-Z][^.]*\.$/)
    expect(guarantees).not.toEqual([])
  })

  it("do not apply to what is not documented", () => {
    const { expired: _, limited: __, ...little } = documented
    const subject = subjectOf("little", tokenApi, { ...little, expired: undefined, limited: undefined })
    const ids = lawsFor(subject).map(({ id }) => id)
    expect(ids).not.toContain("tells-expired")
    expect(ids).not.toContain("reads-the-documented-limit")
    expect(ids).toContain("tells-invalid")
  })

  it("leave the clock, the dice and the network of the process as they were", { timeout: 60_000 }, async () => {
    const ambient = () =>
      [
        Date,
        Date.now,
        Math.random,
        fetch,
        setTimeout,
        Reflect.get(crypto, "randomUUID"),
        Reflect.get(performance, "now")
      ] as const
    const before = ambient()
    await brokenBy({ mistake: "none", provider: tokenApi, caughtBy: [] })
    ambient().forEach((used, index) => expect(used).toBe(before[index]))
    expect(Object.hasOwn(performance, "now")).toBe(false)
  })
})
