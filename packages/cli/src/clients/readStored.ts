import {
  type CreateTokenKeepOptions,
  StorageFailure,
  type TokenkeepError,
  tokenkeepErrorOf,
  type TokenStatus,
  TokenStorage
} from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Profile } from "../profiles/Profile.ts"
import { type ClientOptions, openClient } from "./openClient.ts"
import { storageOf } from "./storageOf.ts"

/** What a client sees in the storage without a request to the API. */
export interface Stored {
  readonly status: TokenStatus
  /** The names of the records that it looked for; some may not exist. */
  readonly names: ReadonlyArray<string>
  /** Whether there is a record, even if its token is of no use. */
  readonly isFound: boolean
  /** Why it has no token; absent if the storage just has none that is good. */
  readonly error?: TokenkeepError | undefined
}

interface Seen {
  readonly names: Set<string>
  isFound: boolean
  isAsked: boolean
}

/**
 * A storage that can only be read. A client must get the lease before it sends a token request, so with this storage it
 * sends none.
 */
const readOnly = (storage: TokenStorage["Service"], seen: Seen): TokenStorage["Service"] => {
  const refuse = (operation: StorageFailure["operation"]) =>
    Effect.suspend(() => {
      seen.isAsked = true
      return Effect.fail(new StorageFailure({ operation, detail: "it is only read", retryable: false }))
    })
  const { capabilities, exclusive, load } = storage
  return {
    capabilities,
    load: (name) =>
      Effect.tap(load(name), (found) =>
        Effect.sync(() => {
          seen.names.add(name)
          seen.isFound ||= found !== undefined
        })
      ),
    save: () => refuse("save"),
    remove: () => refuse("remove"),
    acquireLease: () => refuse("acquireLease"),
    ...(exclusive !== undefined && { exclusive: { load: exclusive.load, replace: () => refuse("replace") } })
  }
}

const readOnlyLayer = (layer: CreateTokenKeepOptions["storage"], seen: Seen): CreateTokenKeepOptions["storage"] =>
  Layer.effect(
    TokenStorage,
    Effect.map(TokenStorage, (storage) => readOnly(storage, seen))
  ).pipe(Layer.provide(layer))

/** Reads what is stored for a profile: it sends no request to the API, and writes nothing. */
export const readStored = async (
  profile: Profile,
  options: Pick<Partial<ClientOptions>, "secret"> = {}
): Promise<Stored> => {
  const seen: Seen = { names: new Set(), isFound: false, isAsked: false }
  const storage = readOnlyLayer(await storageOf(profile.settings.storage), seen)
  await using keep = await openClient(profile, { ...options, storage, storageFailure: "require" })
  const error = await keep.token().then(
    () => undefined,
    (thrown) => {
      const known = tokenkeepErrorOf(thrown)
      if (known === undefined) throw thrown
      return known
    }
  )
  const isExpected = seen.isAsked && error?.code === "STORAGE_FAILED"
  return { status: keep.status(), names: [...seen.names], isFound: seen.isFound, ...(!isExpected && { error }) }
}
