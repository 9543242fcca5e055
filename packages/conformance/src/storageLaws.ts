import { concurrency } from "./internal/storage/concurrency.ts"
import { fences } from "./internal/storage/fences.ts"
import { leases } from "./internal/storage/leases.ts"
import { manners } from "./internal/storage/manners.ts"
import { records } from "./internal/storage/records.ts"
import { watching } from "./internal/storage/watching.ts"
import type { StorageBench } from "./internal/storage/bench.ts"
import type { Law } from "./Law.ts"

/** What every storage adapter does, as far as it offers what the law needs (STO-1). */
export const storageLaws: ReadonlyArray<Law<StorageBench>> = [
  ...records,
  ...concurrency,
  ...leases,
  ...fences,
  ...watching,
  ...manners
]
