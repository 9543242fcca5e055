import { ConnectionFault } from "../failures.ts"
import type { Emitter } from "./waitUntilReady.ts"

const ignore = (): void => undefined

/**
 * Rejects pending commands when the connection is lost. Clients keep such commands, and send them again once they have
 * reconnected, which may take any time.
 */
export const connectionErrors = (client: Emitter, event: string) => {
  const rejections = new Set<(error: Error) => void>()
  const onLost = (): void => {
    for (const reject of rejections) reject(new ConnectionFault("the connection was lost"))
  }
  client.on(event, onLost)
  return {
    untilLost: async <A>(response: Promise<A>): Promise<A> => {
      let reject: (error: Error) => void = ignore
      const lost = new Promise<never>((_, onReject) => (reject = onReject))
      rejections.add(reject)
      try {
        return await Promise.race([response, lost])
      } finally {
        rejections.delete(reject)
      }
    },
    stop: (): void => void client.off(event, onLost)
  }
}
