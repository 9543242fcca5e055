import type { ProviderBench } from "./ProviderBench.ts"
import { issuing } from "./internal/provider/issuing.ts"
import { manners } from "./internal/provider/manners.ts"
import { tokens } from "./internal/provider/tokens.ts"
import { verdicts } from "./internal/provider/verdicts.ts"
import { wholes } from "./internal/provider/wholes.ts"
import type { Law } from "./Law.ts"

/**
 * What every provider does, as far as its API documents what the law needs.
 *
 * @example
 * ```ts
 * import { providerLaws } from "@tokenkeep/conformance"
 *
 * const ids = providerLaws.map(({ id }) => id)
 * console.log(ids.includes("never-renews-on-403")) // => true
 * ```
 */
export const providerLaws: ReadonlyArray<Law<ProviderBench>> = [
  ...issuing,
  ...tokens,
  ...verdicts,
  ...manners,
  ...wholes
]
