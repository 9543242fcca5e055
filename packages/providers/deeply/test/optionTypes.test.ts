import type { TokenKeepOptions } from "@tokenkeep/core"
import {
  createDeeply,
  type CreateDeeplyOptions,
  type DeeplyClient,
  type DeeplyCollections,
  type DeeplyOptions,
  type DeeplyPromiseOptions
} from "@tokenkeep/deeply"
import { readFileSync } from "node:fs"
import { describe, expect, expectTypeOf, it, onTestFinished } from "vitest"
import { sampleKey } from "./support/clients.ts"

// `expectTypeOf` is checked by the compiler; the values are checked when the tests run.

describe("the options without Effect", () => {
  it("are accepted by both APIs", async () => {
    expectTypeOf<DeeplyPromiseOptions>().toExtend<DeeplyOptions>()
    expectTypeOf<DeeplyPromiseOptions>().toExtend<CreateDeeplyOptions>()
    const options: DeeplyPromiseOptions = {
      apiKey: [() => sampleKey, async () => undefined],
      host: "edge:192.0.2.7",
      renewal: { window: "2 minutes", jitter: 0 },
      keyCooldown: { initial: 1_000, max: "1 minute" },
      tokenRequest: { deadline: "5 seconds" },
      maxWait: "1 second"
    }
    const deeply = createDeeply(options)
    onTestFinished(() => deeply.dispose())
    expect(deeply.host.baseUrl).toBe("http://192.0.2.7:8100")
  })

  it("are all options of core, except the adapters and what the provider decides", () => {
    type Decided = "provider" | "keyName"
    expectTypeOf<keyof DeeplyOptions>().toEqualTypeOf<
      Exclude<keyof TokenKeepOptions, Decided> | "host" | "rateLimits"
    >()
    expectTypeOf<keyof DeeplyPromiseOptions>().toEqualTypeOf<Exclude<keyof DeeplyOptions, "fallbackStorage">>()
  })

  it("are declared in a module that imports nothing of Effect", () => {
    const source = readFileSync(new URL("../src/options/DeeplyPromiseOptions.ts", import.meta.url), "utf8")
    const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, "")
    const imported = [...code.matchAll(/ from "(.*)"/g)].map(([, name]) => name)
    expect(imported).toEqual(["@tokenkeep/core", "../Host.ts"])
  })
})

describe("the client", () => {
  it("has the collections, and no token events under their name", async () => {
    expectTypeOf<DeeplyClient>().toExtend<DeeplyCollections>()
    expectTypeOf<DeeplyClient["events"]>().toEqualTypeOf<DeeplyCollections["events"]>()
    const deeply = createDeeply({ apiKey: sampleKey })
    onTestFinished(() => deeply.dispose())
    expect(Object.keys(deeply.events)).toEqual(["list", "all", "get"])
  })
})
