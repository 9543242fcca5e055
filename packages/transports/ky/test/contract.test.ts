import { transportContract } from "@tokenkeep/conformance/transport"
import { testContract } from "@tokenkeep/conformance/vitest"
import { KyTransport } from "@tokenkeep/transport-ky"
import ky from "ky"

/** An instance that does everything a transport must leave to core. */
const configured = ky.create({
  prefix: "http://elsewhere.test/",
  baseUrl: "http://elsewhere.test/",
  retry: { limit: 5, delay: () => 1, statusCodes: [401, 403, 408, 413, 425, 429, 500, 502, 503, 504] },
  timeout: 500,
  totalTimeout: 600,
  throwHttpErrors: true,
  headers: { authorization: "Basic own" },
  hooks: { afterResponse: [({ response }) => (response.status === 401 ? ky.retry({ delay: 1 }) : undefined)] }
})

testContract(transportContract({ name: "KyTransport", layer: KyTransport.layer() }))
testContract(
  transportContract({
    name: "KyTransport over an instance with retries and timeouts",
    layer: KyTransport.layer({ ky: configured })
  })
)
