import { transportSubject } from "@tokenkeep/conformance/transport"
import { testLaws } from "@tokenkeep/conformance/vitest"
import { KyTransport } from "@tokenkeep/transport-ky"
import ky from "ky"
import oldest from "ky-2.0"
import { expect, it, vi } from "vitest"

// The oldest release that the package allows; its other tests are on the newest.
vi.mock("ky", () => import("ky-2.0"))

it("is ky 2.0 that this is about", () => {
  expect(ky).toBe(oldest)
})

testLaws(transportSubject({ title: "KyTransport over ky 2.0", layer: KyTransport.layer() }))
