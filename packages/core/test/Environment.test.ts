import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { apiKeyFromEnvironment, AuthError, readEnvironment } from "../src/index.ts"
import { forbidEnvironment } from "./support/forbidEnvironment.ts"

afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})

const errorOf = (run: () => unknown): AuthError => {
  try {
    return assert.fail(`It answered ${String(run())}.`)
  } catch (error) {
    if (error instanceof AuthError) return error
    throw error
  }
}

describe("the environment", () => {
  it("answers with a variable's value, as it is now", () => {
    vi.stubEnv("TOKENKEEP_TEST", "one")
    assert.strictEqual(readEnvironment("TOKENKEEP_TEST"), "one")
    vi.stubEnv("TOKENKEEP_TEST", "two")
    assert.strictEqual(readEnvironment("TOKENKEEP_TEST"), "two")
    assert.isUndefined(readEnvironment("TOKENKEEP_NO_SUCH"))
  })

  it("is empty where there is no process, as in a browser", () => {
    for (const process of [undefined, {}, { env: undefined }]) {
      vi.stubGlobal("process", process)
      assert.isUndefined(readEnvironment("PATH"))
    }
  })

  it("that may not be read is CONFIG_INVALID, and the fix is the flag to set", () => {
    forbidEnvironment()
    const error = errorOf(() => readEnvironment("DEEPLY_HOST"))
    assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option: "DEEPLY_HOST" })
    assert.include(error.fix, "--allow-env=DEEPLY_HOST")
  })
})

describe("KEY-3: an API key from the environment", () => {
  it("is read each time it is asked for", () => {
    const source = apiKeyFromEnvironment("TOKENKEEP_TEST")
    assert.strictEqual(errorOf(source).code, "API_KEY_MISSING")
    vi.stubEnv("TOKENKEEP_TEST", "one")
    assert.strictEqual(source(), "one")
    vi.stubEnv("TOKENKEEP_TEST", "two")
    assert.strictEqual(source(), "two")
  })

  it("that is not there is API_KEY_MISSING, and the fix names the variable", () => {
    assert.strictEqual(errorOf(apiKeyFromEnvironment("TOKENKEEP_TEST")).fix, "Set TOKENKEEP_TEST, or pass apiKey.")
  })

  it("that may not be read is API_KEY_MISSING, and the fix is the flag to set", () => {
    forbidEnvironment()
    const error = errorOf(apiKeyFromEnvironment("DEEPLY_API_KEY"))
    assert.strictEqual(error.code, "API_KEY_MISSING")
    assert.include(error.fix, "--allow-env=DEEPLY_API_KEY")
  })
})
