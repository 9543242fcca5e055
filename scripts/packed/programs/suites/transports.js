import { transportContract } from "@tokenkeep/conformance/transport"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { KyTransport } from "@tokenkeep/transport-ky"
import { checkContract } from "./contract.js"

const suiteOf = (name, layer) => () => checkContract(transportContract({ name, layer }))

export const fetch = suiteOf("FetchTransport", FetchTransport.layer())
export const ky = suiteOf("KyTransport", KyTransport.layer())
