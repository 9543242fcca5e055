import { checkOptions, TokenkeepError } from "@tokenkeep/core"
import type * as Effect from "effect/Effect"
import { idSegment } from "../pages/argumentChecks.ts"
import { type ListProgress, startList } from "../pages/ListProgress.ts"
import type { QueryCheck } from "../pages/PageRequest.ts"
import type { Collection, RequestOptions } from "./Collection.ts"
import type { DocumentReader, Items } from "./documentReader.ts"

/** Runs one call of the client's {@link DocumentReader}; an abort rejects with the signal's reason. */
export type RunWithReader = <A>(
  call: (reader: DocumentReader) => Effect.Effect<A, TokenkeepError>,
  signal: AbortSignal | undefined
) => Promise<A>

/** Returns the signal of a call; throws `CONFIG_INVALID` for a value that is not an `AbortSignal`. */
const checkSignal = (options: RequestOptions | undefined): AbortSignal | undefined => {
  checkOptions(options, {}, "", ["signal"])
  const signal = options?.signal ?? undefined
  if (signal === undefined || typeof signal.addEventListener === "function") return signal
  throw TokenkeepError.of(
    { _tag: "ConfigInvalid", option: "signal" },
    {
      what: "The argument signal is not an AbortSignal. No request was sent.",
      fix: "Pass the signal of an AbortController, or AbortSignal.timeout(milliseconds)."
    }
  )
}

export const makePromiseCollection = <Name extends keyof Items, Query>(
  run: RunWithReader,
  name: Name,
  checkQuery: QueryCheck<Query>
): Collection<Items[Name], Query> => {
  async function* itemsOf(
    query: Query | undefined,
    options: RequestOptions | undefined,
    ended: AbortSignal
  ): AsyncGenerator<Items[Name], undefined> {
    const request = checkQuery(query, "all")
    const signal = checkSignal(options)
    const endedOrAborted = signal === undefined ? ended : AbortSignal.any([signal, ended])
    let progress: ListProgress | undefined = startList(request)
    while (progress !== undefined) {
      const current: ListProgress = progress
      const [items, next] = await run((reader) => reader.nextPage(name, current), endedOrAborted)
      for (const item of items) {
        signal?.throwIfAborted()
        yield item
      }
      progress = next
    }
  }

  return {
    list: async (query, options) => {
      const request = checkQuery(query, "list")
      return run((reader) => reader.page(name, request), checkSignal(options))
    },
    all: (query, options) => ({
      [Symbol.asyncIterator]: () => cancellable((ended) => itemsOf(query, options, ended))
    }),
    get: async (id, options) => {
      const segment = idSegment(id)
      return run((reader) => reader.item(name, segment), checkSignal(options))
    }
  }
}

/**
 * Makes an iterator whose `return` aborts a pending `next`, which then resolves as done. The `return` of a generator
 * would wait for it.
 */
const cancellable = <Item>(
  start: (ended: AbortSignal) => AsyncGenerator<Item, undefined>
): AsyncIterator<Item, undefined> => {
  const ending = new AbortController()
  const items = start(ending.signal)
  return {
    next: () =>
      items.next().catch((error: unknown) => {
        if (ending.signal.aborted) return { done: true, value: undefined }
        throw error
      }),
    return: () => {
      ending.abort()
      return items.return(undefined)
    }
  }
}
