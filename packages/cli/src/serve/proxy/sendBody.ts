import type { ServerResponse } from "node:http"

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

/**
 * Sends the chunks as they arrive, and no faster than the caller reads. Rejects if the body breaks off.
 *
 * @param length How long the body is, if its headers say it.
 */
export const sendBody = async (
  response: ServerResponse,
  chunks: AsyncIterableIterator<Uint8Array, undefined>,
  length: number | undefined
): Promise<void> => {
  let hasStarted = false
  // The head goes out with the first chunk, or alone if that takes time, as with server-sent events.
  process.nextTick(() => {
    if (!hasStarted && !response.closed) response.flushHeaders()
  })
  for (;;) {
    const { done, value } = await chunks.next()
    hasStarted = true
    if (done === true) return void response.end()
    // The usual case: a body that arrived at once goes out with its head, in one write.
    if (value.byteLength === length) return void response.end(value)
    if (!response.write(value) && !response.closed) await drained(response)
    if (response.closed) return void (await chunks.return?.())
  }
}
