import { type StorageCapabilities, TokenStorage } from "@tokenkeep/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { LawBroken, type Subject } from "./Law.ts"
import type { OpenStorage, StorageBench } from "./StorageBench.ts"
import { storageLaws } from "./storageLaws.ts"

/**
 * What the laws have to know of a storage adapter.
 *
 * @example
 * ```ts
 * import type { StorageSubjectOptions } from "@tokenkeep/conformance"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import * as Effect from "effect/Effect"
 *
 * const options: StorageSubjectOptions<ReturnType<typeof MemoryStorage.layer>> = {
 *   title: "MemoryStorage",
 *   capabilities: { durable: false, shared: false, exclusive: true, watch: true },
 *   place: Effect.sync(() => MemoryStorage.layer()),
 *   open: (layer) => layer
 * }
 * console.log(options.title) // => MemoryStorage
 * ```
 */
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

const missing = (operation: string) =>
  new LawBroken({ reason: `there is no \`${operation}\`, which the capabilities promise` })

const whole = (service: TokenStorage["Service"]): OpenStorage => ({
  service,
  load: (name) => service.load(name),
  save: (name, stored) => service.save(name, stored),
  remove: (name) => service.remove(name),
  exclusive: (name, request) => service.exclusive?.(name, request) ?? Effect.fail(missing("exclusive")),
  watch: (name) => service.watch?.(name) ?? Effect.fail(missing("watch"))
})

/** A memo map of its own, so that a layer that was built before is built once more. */
const buildAnew = (layer: Layer.Layer<TokenStorage, unknown>) =>
  Effect.map(
    Effect.flatMap(Effect.scope, (scope) => Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope)),
    (context) => whole(Context.get(context, TokenStorage))
  )

const makeBench = Effect.fnUntraced(function* <Place>(options: StorageSubjectOptions<Place>) {
  const { capabilities, clock = "live" } = options
  const onTestClock = clock === "test"
  const place = yield* options.place
  const open = Effect.suspend(() => buildAnew(options.open(place)))
  const bench: StorageBench = {
    capabilities,
    open,
    pair: capabilities.shared
      ? Effect.all([open, open])
      : Effect.map(open, (storage): readonly [OpenStorage, OpenStorage] => [storage, storage]),
    contents: options.contents?.(place) ?? Effect.succeed([]),
    break: options.break?.(place) ?? Effect.void,
    pass: onTestClock ? TestClock.adjust : Effect.sleep,
    shortLease: options.shortLease ?? (onTestClock ? 1_000 : 250),
    slack: options.slack ?? (onTestClock ? 10 : 2_000)
  }
  return bench
})

/**
 * A storage adapter, to be checked against the laws of storages.
 *
 * @example
 * ```ts
 * import { formatReport, runLaws, storageSubject } from "@tokenkeep/conformance"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import * as Effect from "effect/Effect"
 *
 * const subject = storageSubject({
 *   title: "MemoryStorage",
 *   capabilities: { durable: false, shared: false, exclusive: true, watch: true },
 *   place: Effect.sync(() => MemoryStorage.layer()),
 *   open: (layer) => layer,
 *   clock: "test"
 * })
 * console.log(formatReport(await Effect.runPromise(runLaws(subject))).split("\n").at(-1))
 * // => MemoryStorage: … kept, 0 broken, … not offered
 * ```
 */
export const storageSubject = <Place>(options: StorageSubjectOptions<Place>): Subject<StorageBench> => ({
  title: options.title,
  laws: storageLaws,
  offers: offersOf(options),
  bench: makeBench(options),
  clock: options.clock ?? "live",
  deadline: options.deadline ?? 60_000
})
