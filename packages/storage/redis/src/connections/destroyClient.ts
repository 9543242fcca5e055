// No timer, because node-redis also writes in the next turn of the event loop.
import { setImmediate as nextTurn } from "node:timers/promises"

const ignore = (): void => undefined

/**
 * Destroys a node-redis client after it has written its last commands, such as the release of a lease, which it does in the
 * next turn of the event loop. From 6.0.0 to 6.2.1, `destroy()` throws if the connection is already closed, for example
 * because no server listens.
 */
export const destroyClient = (client: { readonly destroy: () => unknown }): void => {
  nextTurn()
    .then(() => client.destroy())
    .catch(ignore)
}
