const sources = new WeakMap<AbortSignal, object>()

/**
 * Keeps the source of a signal as long as the signal: if it is collected, an abort no longer reaches the signal. Platforms
 * do that with a `Request`, as soon as only its signal is in use.
 */
export const withSource = (signal: AbortSignal, source: object): AbortSignal => {
  sources.set(signal, source)
  return signal
}
