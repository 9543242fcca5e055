import { describe, expect, it } from "vitest"
import { fakeServer } from "./support/clients.ts"
import { runProgram } from "./support/runProgram.ts"

const program = new URL("./fixtures/loadedModules.ts", import.meta.url)

const lazyModules = [
  "collections/documentReader.ts",
  "events/checkEventQuery.ts",
  "events/eventValidator.ts",
  "mics/checkMicQuery.ts",
  "mics/micValidator.ts",
  "pages/ListProgress.ts",
  "pages/PageRequest.ts",
  "pages/argumentChecks.ts",
  "pages/pageValidator.ts",
  "validation/Validator.ts",
  "validation/iso8601.ts"
]

const modulesOf = {
  promise: ["collections/makePromiseCollection.ts", "collections/typedPromiseClient.ts"],
  Effect: ["collections/makeEffectCollection.ts", "collections/typedEffectClient.ts"]
}

describe("the modules of the typed client", () => {
  it.each([
    ["the promise API", "promise"],
    ["the Effect API", "Effect"]
  ] as const)("are loaded with the first call of events or mics, with %s", async (_, api) => {
    const server = await fakeServer()
    const env = { DEEPLY_API_KEY: server.apiKey, DEEPLY_HOST: server.url, API: api }
    const { code, stderr, stdout } = await runProgram(program, env)
    expect([code, stderr]).toEqual([0, ""])
    const { atFirst, withCall } = JSON.parse(stdout) as Record<"atFirst" | "withCall", ReadonlyArray<string>>
    expect(atFirst).toContain("createDeeply.ts")
    const expected = [...lazyModules, ...modulesOf[api]].toSorted()
    expect(atFirst.filter((module) => expected.includes(module))).toEqual([])
    expect(withCall.toSorted()).toEqual(expected)
  })
})
