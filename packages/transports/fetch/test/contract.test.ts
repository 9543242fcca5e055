import { transportContract } from "@tokenkeep/conformance/transport"
import { testContract } from "@tokenkeep/conformance/vitest"
import { FetchTransport } from "@tokenkeep/transport-fetch"

testContract(transportContract({ name: "FetchTransport", layer: FetchTransport.layer() }))
