import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { apiKeyFromEnvironment, TokenkeepError, readEnvironment } from "../../src/index.ts"
import { forbidEnvironment } from "../support/forbidEnvironment.ts"

afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})

const errorOf = (run: () => unknown): TokenkeepError => {
  try {
    return assert.fail(`It returned ${String(run())}.`)
  } catch (error) {
    if (error instanceof TokenkeepError) return error
    throw error
  }
}

describe("the environment", () => {
  it("returns the current value of a variable", () => {
    vi.stubEnv("TOKENKEEP_TEST", "one")
    assert.strictEqual(readEnvironment("TOKENKEEP_TEST"), "one")
    vi.stubEnv("TOKENKEEP_TEST", "two")
    assert.strictEqual(readEnvironment("TOKENKEEP_TEST"), "two")
    assert.isUndefined(readEnvironment("TOKENKEEP_NO_SUCH"))
  })

  it("is empty if there is no process, as in a browser", () => {
    for (const process of [undefined, {}, { env: undefined }]) {
      vi.stubGlobal("process", process)
      assert.isUndefined(readEnvironment("PATH"))
    }
  })

  it("is CONFIG_INVALID if reading it is not permitted, and the fix names the flag", () => {
    forbidEnvironment()
    const error = errorOf(() => readEnvironment("DEEPLY_HOST"))
    assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option: "DEEPLY_HOST" })
    assert.include(error.fix, "--allow-env=DEEPLY_HOST")
  })
})

describe("KEY-3: an API key from the environment", () => {
  it("is read on each call", () => {
    const source = apiKeyFromEnvironment("TOKENKEEP_TEST")
    assert.strictEqual(errorOf(source).code, "API_KEY_MISSING")
    vi.stubEnv("TOKENKEEP_TEST", "one")
    assert.strictEqual(source(), "one")
    vi.stubEnv("TOKENKEEP_TEST", "two")
    assert.strictEqual(source(), "two")
  })

  it("is API_KEY_MISSING if the variable is not set, and the fix names it", () => {
    assert.strictEqual(errorOf(apiKeyFromEnvironment("TOKENKEEP_TEST")).fix, "Set TOKENKEEP_TEST, or pass apiKey.")
  })

  it("is API_KEY_MISSING if reading it is not permitted, and the fix names the flag", () => {
    forbidEnvironment()
    const error = errorOf(apiKeyFromEnvironment("DEEPLY_API_KEY"))
    assert.strictEqual(error.code, "API_KEY_MISSING")
    assert.include(error.fix, "--allow-env=DEEPLY_API_KEY")
  })
})
