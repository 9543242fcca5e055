import type { TokenEvent } from "../TokenEvent.ts"

/** How many events are kept, and how far behind a reader may be. */
const capacity = 256

type Result = IteratorResult<TokenEvent, undefined>

const finished: Result = { done: true, value: undefined }

/** One reader's place in the events: what it has not read yet, and those who wait for more. */
const makeReader = (kept: ReadonlyArray<TokenEvent>, leave: () => void) => {
  const queue = [...kept]
  const waiting: Array<(result: Result) => void> = []
  let dropped = 0
  let ended = false

  const take = (): TokenEvent | undefined => {
    if (dropped === 0) return queue.shift()
    const event: TokenEvent = { type: "events-dropped", at: queue[0]?.at ?? 0, dropped }
    dropped = 0
    return event
  }

  const end = () => {
    ended = true
    for (const resolve of waiting.splice(0)) resolve(finished)
  }

  return {
    end,
    offer: (event: TokenEvent) => {
      const resolve = waiting.shift()
      if (resolve !== undefined) return resolve({ done: false, value: event })
      queue.push(event)
      if (queue.length <= capacity) return
      queue.shift()
      dropped += 1
    },
    next: (): Promise<Result> => {
      const event = take()
      if (event !== undefined) return Promise.resolve({ done: false, value: event })
      return ended ? Promise.resolve(finished) : new Promise((resolve) => waiting.push(resolve))
    },
    return: (): Promise<Result> => {
      queue.length = 0
      dropped = 0
      end()
      leave()
      return Promise.resolve(finished)
    }
  }
}

type Reader = ReturnType<typeof makeReader>

/**
 * Hands events to a listener and to any number of readers (OBS-1). A reader gets what was kept, then what comes; one that
 * is too slow loses the oldest, and is told how many. Nothing here keeps a process alive.
 */
export const eventHub = (onEvent: ((event: TokenEvent) => void) | undefined) => {
  const kept: Array<TokenEvent> = []
  const readers = new Set<Reader>()
  let ended = false

  const join = (): Reader => {
    const reader: Reader = makeReader(kept, () => readers.delete(reader))
    if (ended) reader.end()
    else readers.add(reader)
    return reader
  }

  return {
    emit: (event: TokenEvent): void => {
      kept.push(event)
      if (kept.length > capacity) kept.shift()
      for (const reader of readers) reader.offer(event)
      try {
        const heard: unknown = onEvent?.(event)
        // A listener may be an async function, and fail later.
        if (heard instanceof Promise) heard.catch(() => undefined)
      } catch {
        // A listener's bug must not fail the request that it watches.
      }
    },
    events: (): AsyncIterable<TokenEvent> => ({ [Symbol.asyncIterator]: join }),
    end: () => {
      ended = true
      for (const reader of readers) reader.end()
      readers.clear()
    }
  }
}
