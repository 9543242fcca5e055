/** Calls a function that the user passed. A bug of it must not fail the request that it observes. */
export const notifyObserver =
  <A>(observer: ((value: A) => void) | undefined) =>
  (value: A): void => {
    if (observer === undefined) return
    try {
      const result: unknown = observer(value)
      // An observer may be an async function, and fail later.
      if (result instanceof Promise) result.catch(() => undefined)
    } catch {
      // Ignored, see above.
    }
  }
