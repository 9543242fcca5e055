import { AuthError, type TokenKeep } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import type { Collection, RequestOptions } from "../Collection.ts"
import type { DeeplyApi, Items } from "../DeeplyApi.ts"
import type { DeeplyOptions } from "../DeeplyOptions.ts"
import { beginReading, type Reading } from "./paging.ts"
import { idSegment, type PageRequest, type QueryCheck } from "./query.ts"

/** Runs something with the typed client's calls. */
export type RunWithApi = <A>(
  use: (api: DeeplyApi) => Effect.Effect<A, AuthError>,
  signal: AbortSignal | undefined
) => Promise<A>

/**
 * The calls of the typed client over a token keep. They are loaded when the first one is made: their schemas are most of
 * this package, and whoever only fetches does without.
 */
export const runningWithApi = ({ run }: Pick<TokenKeep, "run">, options: DeeplyOptions): RunWithApi => {
  let made: DeeplyApi | undefined
  const load = Effect.flatMap(
    Effect.promise(() => import("../DeeplyApi.ts")),
    ({ makeDeeplyApi }) => Effect.map(makeDeeplyApi(options), (api) => (made ??= api))
  )
  const api = Effect.suspend(() => (made === undefined ? load : Effect.succeed(made)))
  return (use, signal) => run(Effect.flatMap(api, use), { signal })
}

const signalOf = (options: RequestOptions | undefined): AbortSignal | undefined => {
  const signal = options?.signal ?? undefined
  if (signal === undefined || typeof signal.addEventListener === "function") return signal
  throw AuthError.of(
    { _tag: "ConfigInvalid", option: "signal" },
    { what: "The argument signal is not an AbortSignal.", fix: "Give the signal of an AbortController." }
  )
}

/** Does it now, and tells later: also what it threw. */
const kept = <A>(does: () => A): (() => A) => {
  try {
    const value = does()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}

interface Asked {
  readonly request: PageRequest
  readonly signal: AbortSignal | undefined
}

/** A list of the API for the promise door; arguments are taken as they are when it is called. */
export const promiseCollection = <Name extends keyof Items, Query>(
  run: RunWithApi,
  name: Name,
  check: QueryCheck<Query>
): Collection<Items[Name], Query> => {
  async function* read(asked: () => Asked, stop: AbortSignal): AsyncGenerator<Items[Name], undefined> {
    const { request, signal } = asked()
    const either = signal === undefined ? stop : AbortSignal.any([signal, stop])
    let reading: Reading | undefined = beginReading(request)
    while (reading !== undefined) {
      const from: Reading = reading
      const [items, next] = await run((api) => api.next(name, from), either)
      for (const item of items) {
        signal?.throwIfAborted()
        yield item
      }
      reading = next
    }
  }

  return {
    list: async (query, options) => {
      const request = check(query, "list")
      return run((api) => api.page(name, request), signalOf(options))
    },
    all: (query, options) => {
      const asked = kept(() => ({ request: check(query, "all"), signal: signalOf(options) }))
      return { [Symbol.asyncIterator]: () => stoppable((stop) => read(asked, stop)) }
    },
    get: async (id, options) => {
      const segment = idSegment(id)
      return run((api) => api.one(name, segment), signalOf(options))
    }
  }
}

/** An iterator whose `return` also ends what it is waiting for, which a generator's own would wait for. */
const stoppable = <Item>(
  begin: (stop: AbortSignal) => AsyncGenerator<Item, undefined>
): AsyncIterator<Item, undefined> => {
  const stop = new AbortController()
  const items = begin(stop.signal)
  return {
    next: () =>
      items.next().catch((error: unknown) => {
        if (stop.signal.aborted) return { done: true, value: undefined }
        throw error
      }),
    return: () => {
      stop.abort()
      return items.return(undefined)
    }
  }
}
