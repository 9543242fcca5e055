import {
  type Contract,
  ContractViolation,
  formatReport,
  providerContract,
  runContract,
  storageContract
} from "@tokenkeep/conformance"
import { transportContract } from "@tokenkeep/conformance/transport"
import { StorageFailure, TokenStorage, Transport } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { describe, expect, it } from "vitest"
import { emptyLocation, type Service, sharedMap } from "./support/sharedMap.ts"
import { documented, tokenApi } from "./support/tokenApi.ts"

const contractOf = (
  change: Partial<Service>,
  makeLocation: Effect.Effect<void, unknown> = Effect.void,
  timeout = 60_000
) =>
  storageContract({
    name: "An adapter",
    capabilities: { durable: true, shared: true, acquireLease: true, watch: false },
    makeLocation,
    open: () => Layer.succeed(TokenStorage, { ...sharedMap(emptyLocation()), ...change }),
    timeout
  })

/** Why the test "load-missing" fails, which calls `load` and nothing else. */
const reasonOf = async ({ tests }: Contract): Promise<string> => {
  const test = tests.find(({ id }) => id === "load-missing")
  const error: unknown = await test?.run().catch((each: unknown) => each)
  expect(error).toBeInstanceOf(ContractViolation)
  return error instanceof ContractViolation ? error.reason : ""
}

describe("STO-1: a contract test fails, and says why, if", () => {
  it.each<[string, Service["load"], string]>([
    [
      "the adapter fails",
      () => Effect.fail(new StorageFailure({ operation: "load", detail: "disk full" })),
      "load failed: disk full"
    ],
    ["the adapter fails with another error", () => Effect.fail({ message: "gone" } as never), "gone"],
    ["the adapter fails with a string", () => Effect.fail("odd" as never), "odd"],
    ["the adapter dies", () => Effect.die(new Error("out of order")), "it threw: out of order"],
    [
      "the adapter throws",
      () => {
        throw new Error("at once")
      },
      "it threw: at once"
    ],
    ["the adapter interrupts", () => Effect.interrupt, "it was interrupted"]
  ])("%s", async (_, load, reason) => {
    expect(await reasonOf(contractOf({ load }))).toBe(reason)
  })

  it("the fixture cannot be set up", async () => {
    expect(await reasonOf(contractOf({}, Effect.fail("no server")))).toBe("no server")
  })

  it.each([
    ["the adapter hangs", () => Effect.never],
    ["the adapter hangs and cannot be interrupted", () => Effect.uninterruptible(Effect.never)]
  ])("%s", async (_, load) => {
    expect(await reasonOf(contractOf({ load }, Effect.void, 20))).toBe("it was still running after 20 ms")
  })
})

it("a contract test ends with its signal", async () => {
  const test = contractOf({ load: () => Effect.never }).tests.find(({ id }) => id === "load-missing")
  const abort = new AbortController()
  const running = test?.run(abort.signal)
  abort.abort()
  await expect(running).rejects.toThrow("interrupted")
})

it("a report says what passed, failed and was skipped", async () => {
  const contract = contractOf({ load: () => Effect.succeed({ text: "", fence: 0 }), remove: () => Effect.void })
  const ids = ["capabilities-are-true", "load-missing", "save-wakes"]
  const report = await runContract({ ...contract, tests: contract.tests.filter(({ id }) => ids.includes(id)) })
  expect(report.passed).toBe(false)
  expect(formatReport(report).split("\n")).toEqual([
    'load-missing           FAILED  an empty location returned {"text":"","fence":0}',
    "save-wakes             -       requires watch",
    expect.stringMatching(/^capabilities-are-true {2}FAILED {2}capabilities.watch is true$/),
    "An adapter: 0 passed, 2 failed, 1 skipped"
  ])
})

const contracts = [
  contractOf({}),
  transportContract({ name: "A transport", layer: Layer.succeed(Transport, Transport.fromFetch(fetch)) }),
  providerContract({ name: "A provider", provider: tokenApi, ...documented })
]

it("every contract test has its own ID, a sentence and a guarantee", () => {
  const tests = contracts.flatMap((contract) => contract.tests)
  const ids = tests.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([])
  expect(tests.filter(({ behaviour }) => !/^\S(?:(?!\. ).)*\.$/.test(behaviour)).map(({ id }) => id)).toEqual([])
  expect(tests.filter(({ guarantees }) => guarantees.length === 0)).toEqual([])
})
