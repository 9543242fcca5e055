import type { ServerResponse } from "node:http"
import { clearImmediate, setImmediate } from "node:timers"

/** Waits until the caller has read what was sent, or is gone. */
const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      response.off("drain", done)
      response.off("close", done)
      resolve()
    }
    response.once("drain", done)
    response.once("close", done)
  })

/** Sends the chunks as they arrive, and no faster than the caller reads. Rejects if the body breaks off. */
export const sendBody = async (
  response: ServerResponse,
  chunks: AsyncIterableIterator<Uint8Array, undefined>
): Promise<void> => {
  // The head goes out with the first chunk, or alone if that takes time, as with server-sent events.
  const early = setImmediate(() => response.flushHeaders())
  try {
    for (;;) {
      const { done, value } = await chunks.next()
      if (done === true) break
      clearImmediate(early)
      if (!response.write(value) && !response.closed) await drained(response)
      if (response.closed) return void (await chunks.return?.())
    }
  } finally {
    clearImmediate(early)
  }
  response.end()
}
