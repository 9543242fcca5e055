import { transportContract } from "@tokenkeep/conformance/transport"
import { testContract } from "@tokenkeep/conformance/vitest"
import { Transport } from "@tokenkeep/core"
import * as Layer from "effect/Layer"
import { describe } from "vitest"
import { testWrongAdapters } from "./support/wrongAdapters.ts"
import { wrongTransports } from "./wrong/transports.ts"

describe("REQ-6: the platform's fetch passes", () => {
  testContract(transportContract({ name: "fetch", layer: Layer.sync(Transport, () => Transport.fromFetch(fetch)) }))
})

describe("REQ-6: the transport contract catches", () => {
  // Some wrong transports hang, so the timeout decides how long that takes.
  testWrongAdapters(wrongTransports, (name, layer) => transportContract({ name, layer, timeout: 5_000 }))
})
