import { afterEach, assert, describe, it } from "@effect/vitest"
import * as Layer from "effect/Layer"
import { inspect } from "node:util"
import {
  createTokenKeep,
  isTokenkeepError,
  type TokenKeep,
  TokenkeepError,
  TokenStorage,
  Transport
} from "../../src/index.ts"
import { withCallerFrames } from "../../src/errors/callerFrames.ts"
import { exampleProvider } from "../support/exampleProvider.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { scriptedTransport } from "../support/scriptedTransport.ts"
import { apiKey } from "../support/testManager.ts"

const clients: Array<TokenKeep> = []
afterEach(() => Promise.all(clients.splice(0).map((keep) => keep.dispose())))

/** A client whose key is rejected. */
const rejectedClient = () => {
  const transport = scriptedTransport(() => new Response(null, { status: 401 }))
  const keep = createTokenKeep({
    provider: exampleProvider(),
    apiKey,
    transport: Layer.succeed(Transport, transport.service),
    storage: Layer.sync(TokenStorage, () => scriptedStorage().service)
  })
  clients.push(keep)
  return { keep, calls: transport.calls }
}

const failureOf = (call: () => Promise<unknown>): Promise<TokenkeepError> =>
  call().then(
    () => assert.fail("the call succeeded"),
    (error: unknown) => (isTokenkeepError(error) ? error : assert.fail(String(error)))
  )

async function loadInvoices(keep: TokenKeep): Promise<unknown> {
  return await keep.fetch("/invoices")
}
async function printToken(keep: TokenKeep): Promise<unknown> {
  return await keep.token()
}

describe("OBS-4: the stack of an error", () => {
  it("names the functions that await the call, for each caller of one renewal", async () => {
    const { calls, keep } = rejectedClient()
    const [first, second] = await Promise.all([failureOf(() => loadInvoices(keep)), failureOf(() => printToken(keep))])
    assert.lengthOf(calls, 1)
    assert.match(first.stack ?? "", /at (async )?loadInvoices .*callerFrames\.test/)
    assert.match(second.stack ?? "", /at (async )?printToken .*callerFrames\.test/)
    assert.notMatch(first.stack ?? "", /printToken/)
    assert.notMatch(second.stack ?? "", /loadInvoices/)
  })

  it("begins with where Tokenkeep found the failure, and names no function of the runtime", async () => {
    const { keep } = rejectedClient()
    const { message, stack } = await failureOf(() => loadInvoices(keep))
    const [header, frame] = (stack ?? "").split("\n")
    assert.strictEqual(header, `TokenkeepError: ${message}`)
    assert.match(frame ?? "", /at .*TokenkeepError/)
    assert.notMatch(stack ?? "", /[\\/]effect[\\/]|FiberImpl|Generator\.next/)
  })

  it("is printed with the error", async () => {
    const { keep } = rejectedClient()
    assert.match(inspect(await failureOf(() => loadInvoices(keep))), /\n {4}at (async )?loadInvoices /)
  })

  it("keeps the functions of an application in a folder named effect", () => {
    const error = TokenkeepError.of({ _tag: "Disposed" }, { what: "Disposed.", fix: "Create a new client." })
    const [load, run] = [
      "    at load (/app/effect/load.ts:1:1)",
      "    at run (/app/node_modules/effect/dist/run.js:1:1)"
    ]
    error.stack = ["TokenkeepError: Disposed.", load, run].join("\n")
    const { stack = "" } = withCallerFrames(error) as TokenkeepError
    assert.include(stack, load)
    assert.notInclude(stack, run)
  })

  it("changes nothing else of the error", () => {
    const original = Object.assign(new Error("low-level"), { code: "ECONNRESET" })
    const error = TokenkeepError.of(
      { _tag: "RateLimited", retryAt: 1_800_000_000_000, limit: 1, remaining: 0, endpoint: "/events" },
      { what: "It is limited.", fix: "Wait.", cause: original, retryable: false }
    )
    const copy = withCallerFrames(error) as TokenkeepError
    assert.notStrictEqual(copy, error)
    assert.deepStrictEqual(Object.entries(copy), Object.entries(error))
    assert.strictEqual(copy.message, error.message)
    assert.strictEqual(copy.cause, original)
    assert.deepStrictEqual(
      Object.getOwnPropertyNames(copy).filter((name) => !copy.propertyIsEnumerable(name)),
      Object.getOwnPropertyNames(error).filter((name) => !error.propertyIsEnumerable(name))
    )
  })

  it("stays as it is if another library made the error", () => {
    const error = new TypeError("invalid URL")
    assert.strictEqual(withCallerFrames(error), error)
    assert.strictEqual(withCallerFrames(undefined), undefined)
  })
})
