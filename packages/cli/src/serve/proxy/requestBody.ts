import type { IncomingMessage } from "node:http"
import type { Share } from "./replayMemory.ts"

/** The body of a request, as it is forwarded. */
export type ForwardedBody = Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array>

/** Reads a body whose length is known and small. */
const readAll = (request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> =>
  new Promise((resolve, reject) => {
    const chunks: Array<Uint8Array> = []
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk))
    request.once("end", () => resolve(new Uint8Array(Buffer.concat(chunks))))
    request.once("error", reject)
  })

/** The chunks that were read, then the rest. The request stays open if the reader stops: the response is not sent yet. */
async function* withRest(
  chunks: ReadonlyArray<Uint8Array>,
  rest: AsyncIterable<Uint8Array>
): AsyncGenerator<Uint8Array, undefined> {
  yield* chunks
  yield* rest
}

/** Reads what the share allows: a longer body is forwarded while it arrives. */
const readWithin = async (request: IncomingMessage, share: Share): Promise<ForwardedBody> => {
  const rest = request.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Uint8Array>
  const chunks: Array<Uint8Array> = []
  for (;;) {
    const { done, value } = await rest.next()
    if (done === true) return new Uint8Array(Buffer.concat(chunks))
    chunks.push(value)
    if (!share.take(value.byteLength)) break
  }
  share.release()
  return withRest(chunks, rest)
}

/** The body of a request, as a whole if the share allows it: then it can be sent again after a 401. */
export const bodyOf = (request: IncomingMessage, share: Share): ForwardedBody | Promise<ForwardedBody> | undefined => {
  const { headers } = request
  if (headers["transfer-encoding"] !== undefined) return readWithin(request, share)
  const length = Number(headers["content-length"] ?? 0)
  if (length === 0) return undefined
  return share.take(length) ? readAll(request) : withRest([], request.iterator({ destroyOnReturn: false }))
}
