/** Calls a function that the user passed. A bug of it must not fail the request that it observes. */
export const notifyObserver =
  <A>(observer: ((value: A) => void) | undefined) =>
  (value: A): void => {
    if (observer === undefined) return
    try {
      // An observer may be an async function, also of another realm, and fail later.
      Promise.resolve(observer(value)).catch(() => undefined)
    } catch {
      // Ignored, see above.
    }
  }
