import { concurrency } from "./internal/storage/concurrency.ts"
import { fences } from "./internal/storage/fences.ts"
import { leases } from "./internal/storage/leases.ts"
import { manners } from "./internal/storage/manners.ts"
import { records } from "./internal/storage/records.ts"
import { watching } from "./internal/storage/watching.ts"
import type { StorageBench } from "./StorageBench.ts"
import type { Law } from "./Law.ts"

/**
 * What every storage adapter does, as far as it offers what the law needs (STO-1).
 *
 * @example
 * ```ts
 * import { storageLaws } from "@tokenkeep/conformance"
 *
 * const law = storageLaws.find(({ id }) => id === "one-of-many")
 * console.log(law?.statement)
 * // => Of any number that ask at once, in whatever instance, exactly one gets the lease.
 * console.log(law?.needs.join(), law?.guarantees.join()) // => exclusive TOK-3
 * ```
 */
export const storageLaws: ReadonlyArray<Law<StorageBench>> = [
  ...records,
  ...concurrency,
  ...leases,
  ...fences,
  ...watching,
  ...manners
]
