/**
 * Destroys a node-redis client after it has written its last commands, such as the release of a lease, which it does in the
 * next turn of the event loop. From 6.0.0 to 6.2.1, `destroy()` throws if the connection is already closed, for example
 * because no server listens. Thrown here, the error would end the process.
 */
export const destroyClient = (client: { readonly destroy: () => unknown }): void => {
  setImmediate(() => {
    try {
      client.destroy()
    } catch {
      // It is closed.
    }
  })
}
