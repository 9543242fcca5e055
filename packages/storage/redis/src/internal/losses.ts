import type { Emitter } from "./arrival.ts"
import { ConnectionFault } from "./failures.ts"

const ignore = (): void => undefined

/**
 * Lets go of who waits for an answer when the connection is lost. Clients keep what they have not written, or have no
 * answer to, and send it when they are back, whenever that is.
 */
export const losses = (client: Emitter, event: string) => {
  const waiting = new Set<(error: Error) => void>()
  const lose = (): void => {
    for (const letGo of waiting) letGo(new ConnectionFault("the connection was lost"))
  }
  client.on(event, lose)
  return {
    untilLost: async <A>(answer: Promise<A>): Promise<A> => {
      let letGo: (error: Error) => void = ignore
      const lost = new Promise<never>((_, reject) => (letGo = reject))
      waiting.add(letGo)
      try {
        return await Promise.race([answer, lost])
      } finally {
        waiting.delete(letGo)
      }
    },
    stop: (): void => void client.off(event, lose)
  }
}
