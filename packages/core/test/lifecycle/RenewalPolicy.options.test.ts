import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { checked } from "../../src/errors/optionChecks.ts"
import { type RenewalOptions, renewalSettings } from "../../src/lifecycle/RenewalPolicy.ts"

describe("TOK-5, TOK-6: the options of renewal", () => {
  it("have defaults: a window of at most 10 minutes, a jitter of a tenth, and no assumed lifetime", () => {
    const defaults = { window: undefined, maxWindow: 600_000, jitter: 0.1, assumedLifetime: undefined }
    assert.deepStrictEqual(renewalSettings(), defaults)
    assert.deepStrictEqual(renewalSettings({}), defaults)
  })

  it("may be set to their limits", () => {
    const shortest = { window: 60_000, maxWindow: 60_000, jitter: 0, assumedLifetime: 1_000 }
    assert.deepStrictEqual(renewalSettings(shortest), shortest)
    const longest = { window: "1 minute", maxWindow: "1 hour", jitter: 0.999, assumedLifetime: "3660 days" } as const
    assert.deepStrictEqual(renewalSettings(longest), {
      window: 60_000,
      maxWindow: 3_600_000,
      jitter: 0.999,
      assumedLifetime: 3_660 * 86_400_000
    })
  })

  const invalid: ReadonlyArray<readonly [options: RenewalOptions, option: string, what: string, fix: string]> = [
    [{ window: 0 }, "window", "is not a finite time above zero", "Use milliseconds"],
    [{ maxWindow: -1 }, "maxWindow", "is not a finite time above zero", "Use milliseconds"],
    [{ jitter: -0.001 }, "jitter", "is not between 0 and 1", "Correct it, or omit it for the default."],
    [{ jitter: 1 }, "jitter", "is not between 0 and 1", "Correct it, or omit it for the default."],
    [{ jitter: NaN }, "jitter", "is not between 0 and 1", "Correct it, or omit it for the default."],
    [{ assumedLifetime: 0 }, "assumedLifetime", "is not a finite time above zero", "Use milliseconds"],
    [{ assumedLifetime: 999 }, "assumedLifetime", "is not a token's lifetime", "Use one second to ten years."],
    [{ assumedLifetime: "3661 days" }, "assumedLifetime", "is not a token's lifetime", "Use one second to ten years."],
    [{ window: 600_001 }, "window", "is longer than renewal.maxWindow", "Shorten it, or raise maxWindow."]
  ]
  for (const [options, name, what, fix] of invalid) {
    it.effect(`are CONFIG_INVALID if ${name} ${what}: ${String(Object.values(options)[0])}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(checked(() => renewalSettings(options)))
        assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option: `renewal.${name}` })
        assert.include(error.message, `The option renewal.${name} ${what}.`)
        assert.include(error.fix, fix)
      })
    )
  }
})
