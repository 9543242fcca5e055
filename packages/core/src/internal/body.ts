import * as Effect from "effect/Effect"

/** A request's body, by how often it can be sent (REQ-2). */
export type Body =
  | { readonly _tag: "None" }
  /** Strings, bytes, forms and blobs: as often as needed. */
  | { readonly _tag: "Replayable"; readonly value: BodyInit }
  /** A stream: once. */
  | { readonly _tag: "Once"; readonly value: BodyInit }
  /** The body of a `Request`, whose origin is hidden: to be read before it is known which of the two it is. */
  | { readonly _tag: "Unread"; readonly stream: ReadableStream<Uint8Array> }

const isStream = (body: unknown): boolean =>
  body instanceof ReadableStream || (typeof body === "object" && body !== null && Symbol.asyncIterator in body)

/** Copies what the caller could change before a replay; strings and blobs cannot change. */
const snapshot = (body: BodyInit): BodyInit => {
  if (body instanceof ArrayBuffer) return body.slice(0)
  if (ArrayBuffer.isView(body)) {
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice()
  }
  if (body instanceof URLSearchParams) return new URLSearchParams(body)
  if (body instanceof FormData) {
    const copy = new FormData()
    for (const [name, value] of body) copy.append(name, value)
    return copy
  }
  return body
}

/** A body as a caller gives it, kept so that a replay sends the same bytes. */
export const bodyOf = (body: BodyInit | null | undefined): Body => {
  if (body === undefined || body === null) return { _tag: "None" }
  return isStream(body) ? { _tag: "Once", value: body } : { _tag: "Replayable", value: snapshot(body) }
}

/** Byte bodies up to this length may be a text, such as JSON; longer ones are files. */
const maxTextBytes = 64 * 1024

/** The texts that a body holds, as far as they can be seen without reading a stream or a file. */
export const textsOf = (body: BodyInit): ReadonlyArray<string> => {
  if (typeof body === "string") return [body]
  if (body instanceof URLSearchParams) return [body.toString()]
  if (body instanceof FormData) return [...body.values()].filter((value) => typeof value === "string")
  const isBytes = body instanceof ArrayBuffer || ArrayBuffer.isView(body)
  return isBytes && body.byteLength <= maxTextBytes ? [new TextDecoder().decode(body)] : []
}

/** Puts chunks that were read already before the rest of their stream. */
const rejoined = (chunks: ReadonlyArray<Uint8Array>, reader: ReadableStreamDefaultReader<Uint8Array>) => {
  let next = 0
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const chunk = chunks[next]
      if (chunk !== undefined) {
        next += 1
        return controller.enqueue(chunk)
      }
      const { done, value } = await reader.read()
      return done ? controller.close() : controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason)
  })
}

const joined = (chunks: ReadonlyArray<Uint8Array>, bytes: number): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}

/**
 * Reads the body of a `Request` up to `limit` bytes: whole, it can be replayed; longer, it counts as a stream (REQ-2).
 * Fails with whatever the stream fails with.
 */
export const readBody = Effect.fnUntraced(function* (body: Body, limit: number) {
  if (body._tag !== "Unread") return body
  const reader = body.stream.getReader()
  const chunks: Array<Uint8Array> = []
  let bytes = 0
  while (bytes <= limit) {
    // @effect-diagnostics-next-line unknownInEffectCatch:off
    const chunk = yield* Effect.tryPromise({ try: () => reader.read(), catch: (error) => error })
    if (chunk.done) return { _tag: "Replayable", value: joined(chunks, bytes) } satisfies Body
    chunks.push(chunk.value)
    bytes += chunk.value.byteLength
  }
  return { _tag: "Once", value: rejoined(chunks, reader) } satisfies Body
})
