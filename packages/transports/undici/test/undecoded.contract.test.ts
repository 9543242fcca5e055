import { transportContract } from "@tokenkeep/conformance/transport"
import { testContract } from "@tokenkeep/conformance/vitest"
import { UndiciTransport } from "@tokenkeep/transport-undici"

// Without the comparison with fetch, which always decodes. Nothing else of the contract depends on decoding.
testContract(
  transportContract({
    name: "UndiciTransport that does not decode",
    layer: UndiciTransport.layer({ decode: false }),
    capabilities: { fetchLike: false }
  })
)
