import { transportContract } from "@tokenkeep/conformance/transport"
import { testContract } from "@tokenkeep/conformance/vitest"
import { UndiciTransport } from "@tokenkeep/transport-undici"

testContract(transportContract({ name: "UndiciTransport", layer: UndiciTransport.layer() }))
