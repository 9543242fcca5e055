import type { Contract } from "./ContractTest.ts"
import { contractOf } from "./internal/checks.ts"
import { endToEnd } from "./internal/provider/endToEnd.ts"
import { makeFixture } from "./internal/provider/fixture.ts"
import { robustness } from "./internal/provider/robustness.ts"
import { tokenRequest } from "./internal/provider/tokenRequest.ts"
import { tokenResponse } from "./internal/provider/tokenResponse.ts"
import { verdicts } from "./internal/provider/verdicts.ts"
import type { DocumentedResponse, ProviderUnderTest } from "./ProviderUnderTest.ts"

/**
 * The contract tests of a provider, by what its API documents.
 *
 * @example
 * ```ts
 * import { providerContract, runContract } from "@tokenkeep/conformance"
 * import { cloud, deeplyProvider } from "@tokenkeep/deeply"
 *
 * const contract = providerContract({
 *   name: "Deeply",
 *   provider: deeplyProvider(cloud),
 *   issued: { status: 200, body: { access_token: "tok-1" }, token: "tok-1" },
 *   keyRejected: { status: 401, body: { detail: { message: "Unknown key." } } }
 * })
 * console.log((await runContract(contract)).passed) // => true
 * ```
 */
export const providerContract = (underTest: ProviderUnderTest): Contract => {
  const { deterministic = true, issued, name, timeout = 300_000 } = underTest
  const isDocumented = (response: DocumentedResponse | undefined) => response !== undefined
  return contractOf({
    name,
    groups: { tokenRequest, tokenResponse, verdicts, robustness, endToEnd },
    offers: {
      expired: isDocumented(underTest.expired),
      invalid: isDocumented(underTest.invalid),
      missing: isDocumented(underTest.missing),
      limited: isDocumented(underTest.limited),
      lifetime: issued.lifetime !== undefined || issued.expiresAt !== undefined,
      json: typeof issued.body === "object" && issued.body !== null,
      deterministic
    },
    fixture: makeFixture(underTest),
    clock: "live",
    timeout
  })
}
