import type { Contract } from "./ContractTest.ts"
import { contractOf } from "./internal/checks.ts"
import { aborts } from "./internal/transport/aborts.ts"
import { bodies } from "./internal/transport/bodies.ts"
import { failures } from "./internal/transport/failures.ts"
import { fetchParity } from "./internal/transport/fetchParity.ts"
import { makeFixture } from "./internal/transport/fixture.ts"
import { policy } from "./internal/transport/policy.ts"
import { redirects } from "./internal/transport/redirects.ts"
import { requests } from "./internal/transport/requests.ts"
import { responses } from "./internal/transport/responses.ts"
import { streams } from "./internal/transport/streams.ts"
import type { TransportUnderTest } from "./TransportUnderTest.ts"

/**
 * The contract tests of a transport adapter, over servers on this machine.
 *
 * @example
 * ```ts
 * import { transportContract } from "@tokenkeep/conformance/transport"
 * import { FetchTransport } from "@tokenkeep/transport-fetch"
 *
 * const { tests } = transportContract({ name: "FetchTransport", layer: FetchTransport.layer() })
 * await tests.find(({ id }) => id === "no-retry-after-status")?.run()
 * ```
 */
export const transportContract = (underTest: TransportUnderTest): Contract => {
  const { capabilities = {}, name, timeout = 300_000 } = underTest
  const { fetchLike = true, redirects: seesRedirects = true, uploads = true } = capabilities
  return contractOf({
    name,
    groups: { responses, bodies, requests, streams, redirects, aborts, failures, policy, fetchParity },
    offers: { fetchLike, redirects: seesRedirects, uploads },
    fixture: makeFixture(underTest),
    clock: "live",
    timeout
  })
}
