import { transportSubject } from "@tokenkeep/conformance/transport"
import { testLaws } from "@tokenkeep/conformance/vitest"
import { KyTransport } from "@tokenkeep/transport-ky"
import ky from "ky"

/** An instance that does by itself all that a transport must leave to core. */
const stubborn = ky.create({
  prefix: "http://elsewhere.test/",
  baseUrl: "http://elsewhere.test/",
  retry: { limit: 5, delay: () => 1, statusCodes: [401, 403, 408, 413, 425, 429, 500, 502, 503, 504] },
  timeout: 500,
  totalTimeout: 600,
  throwHttpErrors: true,
  headers: { authorization: "Basic own" },
  hooks: { afterResponse: [({ response }) => (response.status === 401 ? ky.retry({ delay: 1 }) : undefined)] }
})

testLaws(transportSubject({ title: "KyTransport", layer: KyTransport.layer() }))
testLaws(
  transportSubject({
    title: "KyTransport over an instance with a will of its own",
    layer: KyTransport.layer({ ky: stubborn })
  })
)
