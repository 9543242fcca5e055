import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { promisify } from "node:util"

const from = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)

/** Two clients whose storage fails, with these options. */
const program = (options: string) => `
  import * as Effect from "effect/Effect"
  import * as Layer from "effect/Layer"
  import { createTokenKeep, StorageFailure, TokenStorage, Transport } from ${from("../../src/index.ts")}
  import { exampleProvider } from ${from("../support/exampleProvider.ts")}
  import { scriptedStorage } from ${from("../support/scriptedStorage.ts")}
  import { scriptedTransport, tokens } from ${from("../support/scriptedTransport.ts")}

  const load = () => Effect.fail(new StorageFailure({ operation: "load", detail: "not a folder", retryable: false }))
  for (let i = 0; i < 2; i += 1) {
    const keep = createTokenKeep({
      provider: exampleProvider(),
      apiKey: "sk-live-2f6c1d",
      transport: Layer.succeed(Transport, scriptedTransport(tokens).service),
      storage: Layer.succeed(TokenStorage, scriptedStorage({ load }).service),
      ${options}
    })
    console.log(await keep.token().then(({ lifetimeSource }) => lifetimeSource, ({ code }) => code))
    await keep.dispose()
  }
`

const run = (options: string) =>
  promisify(execFile)(process.execPath, [
    "--conditions=@tokenkeep/source",
    "--input-type=module",
    "--eval",
    program(options)
  ])

describe("STO-2: a storage that fails", () => {
  it("is a warning of the process, once, without onTokenEvent", async () => {
    const { stderr, stdout } = await run("")
    assert.lengthOf(stdout.trim().split("\n"), 2)
    const warnings = stderr.match(/\[STORAGE_DEGRADED\] TokenkeepWarning: .*/g) ?? []
    assert.lengthOf(warnings, 1)
    assert.include(warnings[0], "(load: not a folder)")
    assert.include(warnings[0], 'storageFailure: "require"')
  })

  it.each(["onTokenEvent: () => undefined", 'storageFailure: "require"'])("is no warning with %s", async (options) => {
    const { stderr, stdout } = await run(options)
    assert.notInclude(stderr, "TokenkeepWarning")
    assert.strictEqual(stdout.includes("STORAGE_FAILED"), options.includes("require"))
  })
})
