import { transportContract } from "@tokenkeep/conformance/transport"
import { UndiciTransport } from "@tokenkeep/transport-undici"
import { checkContract } from "./contract.js"

export const undici = () =>
  checkContract(transportContract({ name: "UndiciTransport", layer: UndiciTransport.layer() }))
