import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import { TokenkeepError } from "../../src/index.ts"
import { clientSettings } from "../../src/requests/clientSettings.ts"
import { tokenRequestSettings } from "../../src/token-request/tokenRequestSettings.ts"
import { oneOf, positiveMillis, positiveNumber, wholeNumber } from "../../src/errors/optionChecks.ts"

const errorOf = (check: () => unknown): TokenkeepError => {
  try {
    return assert.fail(`It was accepted as ${String(check())}.`)
  } catch (error) {
    if (error instanceof TokenkeepError) return error
    throw error
  }
}

const isInvalid = (option: string, check: () => unknown): void => {
  const { reason, message } = errorOf(check)
  assert.deepStrictEqual(reason, { _tag: "ConfigInvalid", option })
  assert.match(message, new RegExp(`^The option ${option} (is not|has an unknown value)`))
}

describe("a duration option", () => {
  it("is in milliseconds or a duration, and has a default", () => {
    assert.strictEqual(positiveMillis("x", undefined, 7), 7)
    assert.strictEqual(positiveMillis("x", 1_500, 7), 1_500)
    assert.strictEqual(positiveMillis("x", 0.5, 7), 0.5)
    assert.strictEqual(positiveMillis("x", "2 seconds", 7), 2_000)
    assert.strictEqual(positiveMillis("x", Duration.minutes(1), 7), 60_000)
  })

  it("is CONFIG_INVALID unless it is a finite time above zero", () => {
    for (const wrong of [0, -1, NaN, Infinity, -Infinity, "0 seconds", Duration.infinity, Duration.zero] as const) {
      isInvalid("x", () => positiveMillis("x", wrong, 7))
    }
    for (const wrong of ["soon", "", "5", null, {}, [], true]) {
      isInvalid("x", () => positiveMillis("x", wrong as unknown as number, 7))
    }
  })
})

describe("an option that is a whole number", () => {
  it("is that number, or its default", () => {
    assert.strictEqual(wholeNumber("x", undefined, 3, 1), 3)
    assert.strictEqual(wholeNumber("x", 1, 3, 1), 1)
    assert.strictEqual(wholeNumber("x", 0, 3, 0), 0)
    assert.strictEqual(wholeNumber("x", Number.MAX_SAFE_INTEGER, 3, 1), Number.MAX_SAFE_INTEGER)
  })

  it("is CONFIG_INVALID for other values, or below its minimum", () => {
    for (const wrong of [0, -1, 1.5, NaN, Infinity, 2 ** 53]) isInvalid("x", () => wholeNumber("x", wrong, 3, 1))
    for (const wrong of ["3", null, {}, true, 3n])
      isInvalid("x", () => wholeNumber("x", wrong as unknown as number, 3, 1))
  })
})

describe("an option that is a number", () => {
  it("is that number, or its default", () => {
    assert.strictEqual(positiveNumber("x", undefined, 3), 3)
    assert.strictEqual(positiveNumber("x", 0.001, 3), 0.001)
  })

  it("is CONFIG_INVALID unless it is a finite number above zero", () => {
    for (const wrong of [0, -0, -1, NaN, Infinity, -Infinity]) isInvalid("x", () => positiveNumber("x", wrong, 3))
    for (const wrong of ["3", null, {}, true, 3n])
      isInvalid("x", () => positiveNumber("x", wrong as unknown as number, 3))
  })
})

describe("an option with a few values", () => {
  it("is one of them, the first by default", () => {
    assert.strictEqual(oneOf("x", undefined, ["a", "b"]), "a")
    assert.strictEqual(oneOf("x", "b", ["a", "b"]), "b")
  })

  it("is CONFIG_INVALID for other values, and the fix names all valid ones", () => {
    for (const wrong of ["c", "", "A", null, 1]) isInvalid("x", () => oneOf("x", wrong as "a", ["a", "b"]))
    assert.match(errorOf(() => oneOf<string>("x", "c", ["a", "b"])).fix, /a, b/)
  })
})

describe("the checked options", () => {
  const defaults = {
    deadline: 10_000,
    tries: 3,
    maxBody: 65_536,
    maxWait: 5_000,
    burst: 10,
    perSecond: 1,
    cooldown: { initial: 30_000, max: 120_000 }
  }

  it("TOK-8, TOK-10, KEY-2: a token request has 10 s, 3 tries, 64 KiB, a maxWait of 5 s, and a budget by default", () => {
    assert.deepStrictEqual(tokenRequestSettings(), defaults)
    assert.deepStrictEqual(tokenRequestSettings({ tokenRequest: {}, budget: {}, keyCooldown: {} }), defaults)
  })

  it("each default can be replaced", () => {
    const own = tokenRequestSettings({
      tokenRequest: { deadline: "1 second", tries: 1, maxBody: 1 },
      maxWait: 1,
      budget: { burst: 1, perSecond: 0.1 },
      keyCooldown: { initial: "1 second", max: "2 seconds" }
    })
    const cooldown = { initial: 1_000, max: 2_000 }
    assert.deepStrictEqual(own, {
      deadline: 1_000,
      tries: 1,
      maxBody: 1,
      maxWait: 1,
      burst: 1,
      perSecond: 0.1,
      cooldown
    })
    assert.deepStrictEqual(tokenRequestSettings({ keyCooldown: { initial: "1 hour" } }).cooldown, {
      initial: 3_600_000,
      max: 3_600_000
    })
  })

  it("each option is named if it is wrong", () => {
    isInvalid("replayBodyLimit", () => clientSettings({ replayBodyLimit: -1 }))
    isInvalid("redirects", () => clientSettings({ redirects: "follow" as "strip" }))
  })

  it("REQ-2, REQ-3: a client removes tokens on redirects and keeps 1 MiB for a replay by default", () => {
    assert.deepStrictEqual(clientSettings({}), { redirects: "strip", replayBodyLimit: 1_048_576 })
    assert.deepStrictEqual(clientSettings({ redirects: "refuse", replayBodyLimit: 0 }), {
      redirects: "refuse",
      replayBodyLimit: 0
    })
  })
})
