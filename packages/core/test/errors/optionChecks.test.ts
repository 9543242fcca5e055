import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import { TokenkeepError } from "../../src/index.ts"
import { clientSettings } from "../../src/requests/clientSettings.ts"
import { tokenRequestSettings } from "../../src/token-request/tokenRequestSettings.ts"
import {
  checkOptions,
  group,
  oneOf,
  optional,
  positiveMillis,
  positiveNumber,
  wholeNumber
} from "../../src/errors/optionChecks.ts"

const errorOf = (check: () => unknown): TokenkeepError => {
  try {
    return assert.fail(`It was accepted as ${JSON.stringify(check())}.`)
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
    assert.strictEqual(positiveMillis(7)("x", undefined), 7)
    assert.strictEqual(positiveMillis(7)("x", 1_500), 1_500)
    assert.strictEqual(positiveMillis(7)("x", 0.5), 0.5)
    assert.strictEqual(positiveMillis(7)("x", "2 seconds"), 2_000)
    assert.strictEqual(positiveMillis(7)("x", Duration.minutes(1)), 60_000)
  })

  it("is CONFIG_INVALID unless it is a finite time above zero", () => {
    for (const wrong of [0, -1, NaN, Infinity, -Infinity, "0 seconds", Duration.infinity, Duration.zero] as const) {
      isInvalid("x", () => positiveMillis(7)("x", wrong))
    }
    for (const wrong of ["soon", "", "5", null, {}, [], true]) {
      isInvalid("x", () => positiveMillis(7)("x", wrong))
    }
  })
})

describe("an option that is a whole number", () => {
  it("is that number, or its default", () => {
    assert.strictEqual(wholeNumber(3, 1)("x", undefined), 3)
    assert.strictEqual(wholeNumber(3, 1)("x", 1), 1)
    assert.strictEqual(wholeNumber(3, 0)("x", 0), 0)
    assert.strictEqual(wholeNumber(3, 1)("x", Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)
  })

  it("is CONFIG_INVALID for other values, or below its minimum", () => {
    for (const wrong of [0, -1, 1.5, NaN, Infinity, 2 ** 53]) isInvalid("x", () => wholeNumber(3, 1)("x", wrong))
    for (const wrong of ["3", null, {}, true, 3n]) isInvalid("x", () => wholeNumber(3, 1)("x", wrong))
  })
})

describe("an option that is a number", () => {
  it("is that number, or its default", () => {
    assert.strictEqual(positiveNumber(3)("x", undefined), 3)
    assert.strictEqual(positiveNumber(3)("x", 0.001), 0.001)
  })

  it("is CONFIG_INVALID unless it is a finite number above zero", () => {
    for (const wrong of [0, -0, -1, NaN, Infinity, -Infinity]) isInvalid("x", () => positiveNumber(3)("x", wrong))
    for (const wrong of ["3", null, {}, true, 3n]) isInvalid("x", () => positiveNumber(3)("x", wrong))
  })
})

describe("an option with a few values", () => {
  it("is one of them, the first by default", () => {
    assert.strictEqual(oneOf("a", "b")("x", undefined), "a")
    assert.strictEqual(oneOf("a", "b")("x", "b"), "b")
  })

  it("is CONFIG_INVALID for other values, and the fix names all valid ones", () => {
    for (const wrong of ["c", "", "A", null, 1]) isInvalid("x", () => oneOf("a", "b")("x", wrong))
    assert.match(errorOf(() => oneOf("a", "b")("x", "c")).fix, /a, b/)
  })
})

describe("options by name", () => {
  const checks = {
    redirects: oneOf("strip", "refuse"),
    storageTimeout: positiveMillis(1_000),
    storageGrace: positiveMillis(2_000),
    host: optional(wholeNumber(1, 1)),
    budget: group({ burst: wholeNumber(10, 1), perSecond: positiveNumber(1) })
  }
  const all = "The options are: redirects, storageTimeout, storageGrace, host, budget."

  it("are their values, or their defaults", () => {
    const defaults = {
      redirects: "strip" as const,
      storageTimeout: 1_000,
      storageGrace: 2_000,
      host: undefined,
      budget: { burst: 10, perSecond: 1 }
    }
    assert.deepStrictEqual(checkOptions(undefined, checks), defaults)
    assert.deepStrictEqual(checkOptions({ redirects: undefined }, checks), defaults)
    const given = { redirects: "refuse", storageGrace: "1 second", budget: { burst: 2 } }
    assert.deepStrictEqual(checkOptions(given, checks), {
      ...defaults,
      redirects: "refuse" as const,
      storageGrace: 1_000,
      budget: { burst: 2, perSecond: 1 }
    })
  })

  it("are CONFIG_INVALID if a name is unknown, with the nearest known name and all of them", () => {
    for (const [wrong, meant] of [
      ["redirect", "redirects"],
      ["Redirects", "redirects"],
      ["reditects", "redirects"],
      ["timeout", "storageTimeout"],
      ["storage_timeout", "storageTimeout"],
      ["grace", "storageGrace"],
      ["hots", "host"],
      ["bugdet", "budget"],
      ["baseUrl", "host"],
      ["url", "host"]
    ] as const) {
      const { fix, message, reason } = errorOf(() => checkOptions({ [wrong]: 1 }, checks))
      assert.deepStrictEqual(reason, { _tag: "ConfigInvalid", option: wrong })
      assert.strictEqual(fix, `Did you mean ${meant}? ${all}`)
      assert.strictEqual(message, `The option ${wrong} is unknown. ${fix}`)
    }
  })

  it("suggest no name that is unlike the wrong one", () => {
    for (const wrong of ["clientId", "proxy", "x", "", "toString", "__proto__x", "constructor"]) {
      assert.strictEqual(errorOf(() => checkOptions({ [wrong]: undefined }, checks)).fix, all)
    }
    assert.strictEqual(errorOf(() => checkOptions({ a: 1 }, {})).fix, "The options are: none.")
  })

  it("are named with their group", () => {
    assert.deepStrictEqual(errorOf(() => checkOptions({ budget: { bursts: 1 } }, checks)).reason, {
      _tag: "ConfigInvalid",
      option: "budget.bursts"
    })
    assert.deepStrictEqual(errorOf(() => checkOptions({ budget: { burst: "1" } }, checks)).reason, {
      _tag: "ConfigInvalid",
      option: "budget.burst"
    })
  })

  it("are read from the getters and the prototype of an instance of a class", () => {
    class Budget {
      get burst() {
        return 2
      }
    }
    class Options extends Budget {
      redirects = "refuse"
      get storageGrace() {
        return 1
      }
      budget = new Budget()
    }
    const { budget, redirects, storageGrace } = checkOptions(new Options(), checks)
    assert.deepStrictEqual(
      { budget, redirects, storageGrace },
      {
        budget: { burst: 2, perSecond: 1 },
        redirects: "refuse",
        storageGrace: 1
      }
    )
  })

  it("are shown without control characters if a name is unknown", () => {
    const { message, reason } = errorOf(() => checkOptions({ "x\u001b[2J\ny": 1 }, checks))
    assert.deepStrictEqual(reason, { _tag: "ConfigInvalid", option: "x [2J y" })
    assert.strictEqual(message, `The option x [2J y is unknown. ${all}`)
  })

  it("are CONFIG_INVALID if they are no object", () => {
    for (const wrong of [null, 5, "redirects", true, () => ({}), Symbol("x"), [], new Map(), new Set(), new Date(0)]) {
      isInvalid("options", () => checkOptions(wrong, checks))
      isInvalid("budget", () => checkOptions({ budget: wrong }, checks))
    }
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
