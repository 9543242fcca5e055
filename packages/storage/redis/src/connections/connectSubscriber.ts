/** A client that is used only for messages. */
interface Client {
  readonly connect: () => Promise<unknown>
  readonly on: (event: "error" | "end", listener: (error?: unknown) => void) => unknown
}

/** Connects a client for messages, which is destroyed at its first error. Returns a function that closes it. */
export const connectSubscriber = async (client: Client, destroy: () => void, lost: () => void): Promise<() => void> => {
  let isOpen = true
  const close = (): void => {
    if (!isOpen) return
    isOpen = false
    destroy()
  }
  let cause: unknown
  const onLost = (error?: unknown): void => {
    if (!isOpen) return
    cause = error
    close()
    lost()
  }
  client.on("error", onLost)
  client.on("end", onLost)
  try {
    await client.connect()
  } catch (error) {
    close()
    // The first error of the client is more specific.
    throw cause ?? error
  }
  return close
}
