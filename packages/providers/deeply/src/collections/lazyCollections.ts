import type { ApiClientOptions, TokenKeep } from "@tokenkeep/core"
import type { Collection, DeeplyCollections } from "./Collection.ts"
import { copyArgument } from "./copyArgument.ts"

// The typed client is most of this package's code, and many applications only use fetch. It is loaded with the first call
// of `events` or `mics`.

/** The collections of the promise API; the first call loads them. */
export const lazyCollections = (keep: Pick<TokenKeep, "run">, options: ApiClientOptions): DeeplyCollections => {
  let made: DeeplyCollections | undefined
  const load = async () => {
    const { makePromiseCollections } = await import("./typedPromiseClient.ts")
    return (made ??= makePromiseCollections(keep, options))
  }
  return {
    events: lazyCollection(async () => (await load()).events),
    mics: lazyCollection(async () => (await load()).mics)
  }
}

const lazyCollection = <Item, Query>(load: () => Promise<Collection<Item, Query>>): Collection<Item, Query> => ({
  list: async (query, options) => {
    const copies = [copyArgument(query), copyArgument(options)] as const
    return (await load()).list(...copies)
  },
  all: (query, options) => {
    const copies = [copyArgument(query), copyArgument(options)] as const
    return {
      [Symbol.asyncIterator]: () => lazyIterator(async () => (await load()).all(...copies)[Symbol.asyncIterator]())
    }
  },
  get: async (id, options) => {
    const copy = copyArgument(options)
    return (await load()).get(id, copy)
  }
})

const lazyIterator = <Item>(open: () => Promise<AsyncIterator<Item, undefined>>): AsyncIterator<Item, undefined> => {
  let opening: Promise<AsyncIterator<Item, undefined>> | undefined
  const iterator = () => (opening ??= open())
  return {
    next: async () => (await iterator()).next(),
    return: async () => (await (await iterator()).return?.()) ?? { done: true, value: undefined }
  }
}
