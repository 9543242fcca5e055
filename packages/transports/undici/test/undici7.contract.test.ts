import { transportContract } from "@tokenkeep/conformance/transport"
import { testContract } from "@tokenkeep/conformance/vitest"
import { UndiciTransport } from "@tokenkeep/transport-undici"
import { Agent } from "undici"
import * as Undici7 from "undici-7"
import { expect, it, vi } from "vitest"

// The oldest major version that the package supports; the other tests use the newest.
vi.mock("undici", () => import("undici-7"))

it("uses undici 7", () => {
  expect(Agent).toBe(Undici7.Agent)
})

testContract(transportContract({ name: "UndiciTransport over undici 7", layer: UndiciTransport.layer() }))
