import { isControlFlow } from "../errors/controlFlow.ts"
import { checkOptions, invalidOption, ofType, type OptionCheck, wholeNumber } from "../errors/optionChecks.ts"
import { isTokenkeepError, TokenkeepError } from "../errors/TokenkeepError.ts"
import type { TokenEvent } from "../telemetry/TokenEvent.ts"
import { checkKeys, type Settings, settingsOf, tokenKeepChecks, type TokenKeepOptions } from "../TokenKeepLayer.ts"

/**
 * What is different for each id of a pool: the provider, and where the key comes from.
 *
 * @example
 * ```ts
 * import type { PoolConnection } from "@tokenkeep/core"
 * import { cloud, deeplyProvider } from "@tokenkeep/deeply"
 *
 * const provider = deeplyProvider(cloud)
 * const connection = (id: string): PoolConnection => ({ provider, apiKey: async () => `sk-live-${id}` })
 * console.log(connection("acme").provider.name) // => deeply
 * ```
 */
export type PoolConnection = Pick<TokenKeepOptions, "provider" | "apiKey" | "keyName">

/**
 * The options of a pool, without adapters.
 *
 * @example
 * ```ts
 * import type { PoolOptions } from "@tokenkeep/core"
 *
 * const options: Pick<PoolOptions, "maxOpen" | "storageGrace"> = { maxOpen: 5_000, storageGrace: "5 seconds" }
 * console.log(options.maxOpen) // => 5000
 * ```
 */
export interface PoolOptions extends Omit<TokenKeepOptions, keyof PoolConnection | "onTokenEvent"> {
  /** The options of one id. It is called when the id's client is opened, and must return at once: a source may wait. */
  readonly connection: (id: string) => PoolConnection
  /**
   * How many clients are open at once, default 1,000. If there are more, the one that was used least recently is closed
   * and opened again by its next call. A client that is in use is not closed.
   */
  readonly maxOpen?: number | undefined
  /** Receives the events of all clients, each with the id of its client; it must not block. */
  readonly onTokenEvent?: ((event: TokenEvent, id: string) => void) | undefined
}

const poolChecks = { maxOpen: wholeNumber(1_000, 1) }

/** What is wrong with a connection, as a typed error. An error of a framework, or of this package, stays as it is. */
const connectionOf = (connection: PoolOptions["connection"], id: string): PoolConnection => {
  let found: PoolConnection
  try {
    found = connection(id)
  } catch (error) {
    if (isControlFlow(error) || isTokenkeepError(error)) throw error
    // Its own error may quote a secret.
    throw TokenkeepError.of(
      { _tag: "CredentialSourceFailed" },
      {
        what: "A function that returns the options of one client threw an error.",
        fix: "Call your functions of the id yourself to see the error."
      }
    )
  }
  checkOptions(found ?? null, {}, "connection", ["provider", "apiKey", "keyName"])
  return found
}

/** Checks the options once, and those of an id when it is opened; what is the same for all ids is kept once. */
export const poolSettings = (options: PoolOptions, adapterChecks?: Readonly<Record<string, OptionCheck>>) => {
  const { connection, onTokenEvent } = options
  const checks = { ...tokenKeepChecks, ...adapterChecks, ...poolChecks, connection: ofType("function") }
  const { maxOpen } = checkOptions(options, checks) as { readonly maxOpen: number }
  if (connection === undefined) {
    throw invalidOption("connection", "is missing", "Pass a function that returns the provider and the key of an id.")
  }
  // By name: those of a class instance may be getters or inherited.
  const names = Object.keys(tokenKeepChecks) as ReadonlyArray<keyof TokenKeepOptions & keyof PoolOptions>
  const common = Object.fromEntries(names.map((name) => [name, options[name]]))
  let last: Settings | undefined

  const managerOf = ({ manager }: Settings, id: string): Settings["manager"] =>
    onTokenEvent === undefined ? manager : { ...manager, onTokenEvent: (event) => onTokenEvent(event, id) }

  const settingsFor = (id: string): Settings => {
    // Events and errors name the credential: in a pool, that must say which one of them it is.
    const { apiKey, keyName = id, provider } = connectionOf(connection, id)
    if (last?.provider !== provider) {
      // A refresh token has no fallback: it is used with the storage, or not at all.
      const fallbackStorage = provider?.grant === undefined ? options.fallbackStorage : undefined
      const settings = settingsOf({ ...common, fallbackStorage, provider, apiKey, keyName })
      const { encryptionKeys } = last?.manager.storage ?? settings.manager.storage
      // The same objects for all ids, so that each key is prepared once.
      const storage = { ...settings.manager.storage, encryptionKeys }
      last = { ...settings, manager: { ...settings.manager, storage } }
    }
    const settings = { ...last, apiKey, keyName, manager: managerOf(last, id) }
    checkKeys(settings)
    return settings
  }
  return { maxOpen, settingsFor }
}
