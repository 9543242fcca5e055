import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { issued, startHandMade } from "./support/startHandMade.ts"

const program = new URL("./fixtures/idleProcess.ts", import.meta.url)

describe("a process with a refresh token", () => {
  it("RUN-2: ends by itself while the access token is good, and an interrupted exchange is to be repeated", async () => {
    let exchanges = 0
    await using server = await startHandMade({
      token: () => {
        exchanges += 1
        return exchanges === 1 ? { body: { ...issued, refresh_token: "rt-1" } } : { status: 502, body: "" }
      }
    })
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=@tokenkeep/source", program.pathname],
      // It would go on until the access token expires, after five minutes.
      {
        env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"], URL: server.url },
        timeout: 240_000
      }
    )
    const { failures, state } = JSON.parse(stdout) as { readonly failures: ReadonlyArray<string>; state: string }
    assert.strictEqual(state, "exchanging")
    assert.isAtLeast(failures.length, 1)
    assert.strictEqual(exchanges, 2)
  })
})
