import type { TokenEvent } from "./TokenEvent.ts"

/** Calls the observer of token events. A bug of the observer must not fail the request that it watches. */
export const notifyObserver =
  (observer: ((event: TokenEvent) => void) | undefined) =>
  (event: TokenEvent): void => {
    if (observer === undefined) return
    try {
      const result: unknown = observer(event)
      // An observer may be an async function, and fail later.
      if (result instanceof Promise) result.catch(() => undefined)
    } catch {
      // Ignored, see above.
    }
  }
