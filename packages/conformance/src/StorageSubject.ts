import type { StorageCapabilities, TokenStorage } from "@tokenkeep/core"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { makeBench, type StorageBench } from "./internal/storage/bench.ts"
import type { Subject } from "./Law.ts"
import { storageLaws } from "./storageLaws.ts"

/** What the laws have to know of a storage adapter. */
export interface StorageSubjectOptions<Place> {
  readonly title: string
  /** What the adapter says that it can do: laws that need more do not apply. */
  readonly capabilities: StorageCapabilities
  /** Makes a place where nothing is kept yet (a directory, a prefix, …), for one law. It is given up with the scope. */
  readonly place: Effect.Effect<Place, unknown, Scope.Scope>
  /** Opens a place. Each layer stands for a process: those of one place share it if the adapter is `shared`. */
  readonly open: (place: Place) => Layer.Layer<TokenStorage, unknown>
  /** What lies in a place (its files, its keys), one text each: shows that nothing is left behind. */
  readonly contents?: ((place: Place) => Effect.Effect<ReadonlyArray<string>, unknown>) | undefined
  /** Takes away what the adapter stands on, until the scope ends: shows how it fails. */
  readonly break?: ((place: Place) => Effect.Effect<void, unknown, Scope.Scope>) | undefined
  /**
   * Whether time passes by itself (`live`, the default), or is effect's test clock (`test`), for adapters that wait for
   * nothing outside the process.
   */
  readonly clock?: "live" | "test" | undefined
  /** How long a lease is that the laws let end, in milliseconds (250; 1,000 on the test clock). */
  readonly shortLease?: number | undefined
  /** How much later than it says a lease may end, in milliseconds (2,000; 10 on the test clock). */
  readonly slack?: number | undefined
  /** How long one law may take, in milliseconds (60,000). */
  readonly deadline?: number | undefined
}

const offersOf = ({
  break: breaks,
  capabilities,
  contents
}: Pick<StorageSubjectOptions<never>, "break" | "capabilities" | "contents">): ReadonlySet<string> =>
  new Set(
    Object.entries({ ...capabilities, break: breaks !== undefined, contents: contents !== undefined })
      .filter(([, offered]) => offered)
      .map(([name]) => name)
  )

/** A storage adapter, to be checked against the laws of storages. */
export const storageSubject = <Place>(options: StorageSubjectOptions<Place>): Subject<StorageBench> => ({
  title: options.title,
  laws: storageLaws,
  offers: offersOf(options),
  bench: makeBench(options),
  clock: options.clock ?? "live",
  deadline: options.deadline ?? 60_000
})
