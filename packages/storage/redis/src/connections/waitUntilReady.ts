import { ConnectionFault } from "../failures.ts"

/** The events of a client, as far as this package uses them. */
export interface Emitter {
  readonly on: (event: string, listener: (...args: Array<any>) => void) => unknown
  readonly off: (event: string, listener: (...args: Array<any>) => void) => unknown
}

/**
 * Waits until a user's client is ready. All callers share one promise, so the client has one set of listeners. The wait
 * ends with the next error of the client. The client reconnects by itself, so the next caller waits again.
 */
export const waitUntilReady = (client: Emitter, isReady: () => boolean) => {
  let waiting: Promise<void> | undefined
  let stop: (() => void) | undefined

  const begin = (connect: (() => Promise<unknown>) | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (complete: () => void): void => {
        for (const [event, listener] of listeners) client.off(event, listener)
        waiting = undefined
        stop = undefined
        complete()
      }
      const onReady = (): void => {
        if (isReady()) end(resolve)
      }
      const onError = (error: unknown): void => {
        // Before some errors, a Sentinel client of node-redis emits their text.
        if (typeof error !== "string") end(() => reject(error))
      }
      const onEnd = (): void => onError(new ConnectionFault("the client ended"))
      const listeners = [
        ["ready", onReady],
        ["connect", onReady],
        ["error", onError],
        ["end", onEnd]
      ] as const
      for (const [event, listener] of listeners) client.on(event, listener)
      stop = onEnd
      connect?.().then(onReady, onError)
    })

  return {
    /** Calls `connect` first if it is passed, and if no wait is in progress. */
    wait: (connect?: () => Promise<unknown>): Promise<void> => {
      waiting ??= begin(connect)
      return waiting
    },
    stop: (): void => stop?.()
  }
}
