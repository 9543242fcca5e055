import { transportContract } from "@tokenkeep/conformance/transport"
import { testContract } from "@tokenkeep/conformance/vitest"
import { KyTransport } from "@tokenkeep/transport-ky"
import ky from "ky"
import oldest from "ky-2.0"
import { expect, it, vi } from "vitest"

// The oldest release that the package supports; the other tests use the newest.
vi.mock("ky", () => import("ky-2.0"))

it("uses ky 2.0", () => {
  expect(ky).toBe(oldest)
})

testContract(transportContract({ name: "KyTransport over ky 2.0", layer: KyTransport.layer() }))
