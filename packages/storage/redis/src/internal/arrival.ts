import { ConnectionFault } from "./failures.ts"

/** What is used of a client's events. */
export interface Emitter {
  readonly on: (event: string, listener: (...args: Array<any>) => void) => unknown
  readonly off: (event: string, listener: (...args: Array<any>) => void) => unknown
}

/**
 * Waits for a user's client to be ready: one wait for all who ask, so that it has one set of listeners however many they
 * are. It ends with the client's next error: the client tries again by itself, and whoever asks next waits for that.
 */
export const arrival = (client: Emitter, isReady: () => boolean) => {
  let waiting: Promise<void> | undefined
  let stop: (() => void) | undefined

  const begin = (connect: (() => Promise<unknown>) | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        for (const [event, listener] of listeners) client.off(event, listener)
        waiting = undefined
        stop = undefined
        end()
      }
      const arrived = (): void => {
        if (isReady()) settle(resolve)
      }
      const failed = (error: unknown): void => settle(() => reject(error))
      const ended = (): void => failed(new ConnectionFault("the client ended"))
      const listeners = [
        ["ready", arrived],
        ["connect", arrived],
        ["error", failed],
        ["end", ended]
      ] as const
      for (const [event, listener] of listeners) client.on(event, listener)
      stop = ended
      connect?.().then(arrived, failed)
    })

  return {
    /** Waits, having told a client to connect that nobody has told yet. */
    wait: (connect?: () => Promise<unknown>): Promise<void> => {
      waiting ??= begin(connect)
      return waiting
    },
    stop: (): void => stop?.()
  }
}
