const ignore = (): void => undefined

/**
 * Destroys a node-redis client after it has rejected its pending commands. From 6.0.0 to 6.2.1, `destroy()` throws if the
 * connection is already closed, for example because no server listens. Thrown in a microtask, the error would end the
 * process.
 */
export const destroyClient = (client: { readonly destroy: () => unknown }): void => {
  Promise.resolve()
    .then(() => client.destroy())
    .catch(ignore)
}
