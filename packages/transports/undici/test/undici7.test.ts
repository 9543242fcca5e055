import { transportSubject } from "@tokenkeep/conformance/transport"
import { testLaws } from "@tokenkeep/conformance/vitest"
import { UndiciTransport } from "@tokenkeep/transport-undici"
import { Agent } from "undici"
import * as Undici7 from "undici-7"
import { expect, it, vi } from "vitest"

// The oldest major that the package allows; its other tests are on the newest.
vi.mock("undici", () => import("undici-7"))

it("is undici 7 that this is about", () => {
  expect(Agent).toBe(Undici7.Agent)
})

testLaws(transportSubject({ title: "UndiciTransport over undici 7", layer: UndiciTransport.layer() }))
