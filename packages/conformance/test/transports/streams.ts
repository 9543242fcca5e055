import { rebodied, sending, streamed, type TransportMutant } from "./TransportMutant.ts"

/** Reads ahead, as far as it can. */
const readAhead = () => {
  const strategy = { highWaterMark: Number.MAX_SAFE_INTEGER }
  return new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({}, strategy, strategy)
}

const isStream = ({ body }: RequestInit): boolean => body instanceof ReadableStream

export const streams: ReadonlyArray<TransportMutant> = [
  {
    mistake: "reads every body before it answers",
    layer: sending((send) => async (url, init) => {
      const response = await send(url, init)
      return rebodied(response, await response.arrayBuffer())
    }),
    caughtBy: ["answers-stream-down"]
  },
  {
    mistake: "reads answers ahead",
    layer: sending((send) => async (url, init) => {
      const response = await send(url, init)
      return rebodied(response, response.body?.pipeThrough(readAhead()) ?? null)
    }),
    caughtBy: ["answers-wait-for-their-reader"]
  },
  {
    mistake: "collects a stream before it sends it",
    layer: sending(
      (send) => async (url, init) =>
        send(url, isStream(init) ? { ...init, body: await new Response(init.body ?? null).arrayBuffer() } : init)
    ),
    caughtBy: ["requests-stream-up", "an-early-answer-counts"]
  },
  {
    mistake: "reads requests ahead",
    layer: sending(
      (send) => (url, init) =>
        send(url, isStream(init) ? streamed(init, (stream) => stream.pipeThrough(readAhead())) : init)
    ),
    caughtBy: ["requests-wait-for-the-server"]
  },
  {
    mistake: "keeps a cancellation to itself",
    layer: sending((send) => async (url, init) => {
      const response = await send(url, init)
      const reader = response.body?.getReader()
      if (reader === undefined) return response
      return rebodied(
        response,
        new ReadableStream<Uint8Array<ArrayBuffer>>({
          pull: async (controller) => {
            const { done, value } = await reader.read()
            return done ? controller.close() : controller.enqueue(value)
          }
        })
      )
    }),
    caughtBy: ["cancelling-frees-the-connection"]
  }
]
