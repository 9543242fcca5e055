import { aborts } from "./internal/transport/aborts.ts"
import { answers } from "./internal/transport/answers.ts"
import type { TransportBench } from "./internal/transport/bench.ts"
import { failures } from "./internal/transport/failures.ts"
import { manners } from "./internal/transport/manners.ts"
import { redirects } from "./internal/transport/redirects.ts"
import { requests } from "./internal/transport/requests.ts"
import { streams } from "./internal/transport/streams.ts"
import { sideBySide } from "./internal/transport/sideBySide.ts"
import type { Law } from "./Law.ts"

/**
 * What every transport adapter does, as far as it offers what the law needs.
 *
 * @example
 * ```ts
 * import { transportLaws } from "@tokenkeep/conformance/transport"
 *
 * console.log(transportLaws.find(({ id }) => id === "faults-are-not-tried-again")?.statement)
 * // => A request whose connection breaks is not sent again.
 * ```
 */
export const transportLaws: ReadonlyArray<Law<TransportBench>> = [
  ...answers,
  ...requests,
  ...streams,
  ...redirects,
  ...aborts,
  ...failures,
  ...manners,
  ...sideBySide
]
