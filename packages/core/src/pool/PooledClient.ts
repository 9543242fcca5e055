import * as Effect from "effect/Effect"
import type { AccessToken } from "../credentials/AccessToken.ts"
import { disposedError } from "../errors/disposed.ts"
import { explainFor } from "../requests/authorizationErrors.ts"
import { checkFetchOptions } from "../requests/preparedRequest.ts"
import { type TokenKeep, unusedStatus } from "../TokenKeep.ts"
import type { Pool, Slot } from "./makePool.ts"
import type { OpenClient } from "./openClient.ts"

/**
 * The client of one id of a pool: a small object. Its state is in the pool, is closed when other clients are used, and
 * is opened again by the next call.
 *
 * It is for providers that add methods to it; see `createTokenKeepPool`.
 *
 * @example
 * ```ts
 * import { createTokenKeepPool, PooledClient } from "@tokenkeep/core"
 * import { cloud, deeplyProvider } from "@tokenkeep/deeply"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import { FetchTransport } from "@tokenkeep/transport-fetch"
 *
 * class Client extends PooledClient {
 *   isOpen = () => this.status().state !== "empty"
 * }
 * const provider = deeplyProvider(cloud)
 * const adapters = { transport: FetchTransport.layer(), storage: MemoryStorage.layer() }
 * const connection = (id: string) => ({ provider, apiKey: `sk-live-${id}` })
 * await using pool = createTokenKeepPool({ ...adapters, connection }, Client)
 * console.log(pool.client("acme").isOpen()) // => false
 * ```
 */
export class PooledClient implements TokenKeep {
  readonly #pool: Pool
  /** For a subclass: what its own events and errors name. */
  protected readonly id: string
  #slot: Slot | undefined
  #isDisposed = false
  #fetch: typeof globalThis.fetch | undefined
  #token: TokenKeep["token"] | undefined

  constructor(pool: Pool, id: string) {
    this.#pool = pool
    this.id = id
  }

  /** The open slot, as the one that was used last; throws. */
  #use(): Slot {
    if (this.#isDisposed) throw disposedError()
    return (this.#slot = this.#pool.use(this.id, this.#slot))
  }

  /** The client, if it is open. */
  #now(): OpenClient | undefined {
    if (this.#isDisposed) return undefined
    return this.#pool.find(this.id)?.client
  }

  /** Uses the client, which stays open meanwhile; never throws synchronously (REQ-6). */
  #with<A>(use: (client: OpenClient) => Promise<A>): Promise<A> {
    let slot: Slot
    let result: Promise<A>
    try {
      slot = this.#use()
      this.#pool.retain(slot)
    } catch (error) {
      return Promise.reject(error)
    }
    const release = () => this.#pool.release(slot)
    try {
      const found = slot.building?.get()
      if (found === undefined) throw disposedError()
      result = found instanceof Promise ? found.then(use) : use(found)
    } catch (error) {
      result = Promise.reject(error)
    }
    result.then(release, release)
    return result
  }

  get baseUrl(): string {
    return this.#use().settings.manager.base.href
  }

  get fetch(): typeof globalThis.fetch {
    return (this.#fetch ??= (input, init) => this.#with(({ client }) => client.fetch(input, init)))
  }

  get fetchWith(): TokenKeep["fetchWith"] {
    return (options) => {
      checkFetchOptions(options)
      return (input, init) => this.#with(({ client }) => client.fetchWith(options)(input, init))
    }
  }

  get token(): TokenKeep["token"] {
    return (this.#token ??= (options) => {
      const signal = options?.signal
      if (signal?.aborted === true) return Promise.reject(signal.reason)
      const slot = (this.#slot ??= this.#isDisposed ? undefined : this.#pool.find(this.id))
      const cached = slot?.client?.manager.cached()
      if (slot === undefined || cached === undefined) return this.#with(({ manager, run }) => run(manager.get, signal))
      // The slot that was used last has none that is newer, nor does one that is in use.
      if (slot.newer !== undefined) this.#pool.touch(slot)
      if (slot.lastToken?.token !== cached) slot.lastToken = { token: cached, promise: Promise.resolve(cached) }
      return slot.lastToken.promise as Promise<AccessToken>
    })
  }

  get peek(): TokenKeep["peek"] {
    return () => this.#now()?.manager.peek()
  }

  get reject(): TokenKeep["reject"] {
    return async (rejected) => {
      if (this.#now() !== undefined) await this.#with(({ manager, run }) => run(manager.reject(rejected), undefined))
    }
  }

  get retryKey(): TokenKeep["retryKey"] {
    return () => void this.#with(async ({ manager }) => manager.retryKey()).catch(() => undefined)
  }

  get status(): TokenKeep["status"] {
    return () => this.#now()?.manager.status() ?? unusedStatus(this.#isDisposed || this.#pool.isDisposed())
  }

  get explain(): TokenKeep["explain"] {
    return async (response) => {
      const holdsSecret = (text: string) => this.#now()?.client.holdsSecret(text) === true
      return Effect.runPromise(explainFor(this.#use().settings.provider, holdsSecret)(response))
    }
  }

  get run(): TokenKeep["run"] {
    return (effect, options) => {
      const signal = options?.signal
      if (signal?.aborted === true) return Promise.reject(signal.reason)
      return this.#with(({ run }) => run(effect, signal))
    }
  }

  /** Ends this object, and no other of the same id. */
  get dispose(): TokenKeep["dispose"] {
    return async () => {
      this.#isDisposed = true
      this.#slot = undefined
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }
}
