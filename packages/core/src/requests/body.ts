import * as Effect from "effect/Effect"

/** What fetch takes as a body. */
type RequestBody = NonNullable<RequestInit["body"]>

/** A request's body, by how often it can be sent. */
export type Body =
  | { readonly _tag: "None" }
  /** Strings, bytes, forms and blobs: as often as needed. */
  | { readonly _tag: "Replayable"; readonly value: RequestBody }
  /** A stream: once. */
  | { readonly _tag: "Once"; readonly value: RequestBody }
  /** The body of a `Request`, which hides what it was made of: it is read before it is known which of the two it is. */
  | { readonly _tag: "Unread"; readonly stream: ReadableStream<Uint8Array> }

const isStream = (body: unknown): boolean =>
  body instanceof ReadableStream || (typeof body === "object" && body !== null && Symbol.asyncIterator in body)

/** Copies what the caller could change before a replay; strings and blobs cannot change. */
const snapshot = (body: RequestBody): RequestBody => {
  if (ArrayBuffer.isView(body)) {
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice()
  }
  // Of any realm: test runners give modules globals of their own.
  if (Object.prototype.toString.call(body) === "[object ArrayBuffer]") {
    return new Uint8Array(body as ArrayBuffer).slice()
  }
  if (body instanceof URLSearchParams) return new URLSearchParams(body)
  if (body instanceof FormData) {
    const copy = new FormData()
    for (const [name, value] of body) copy.append(name, value)
    return copy
  }
  return body
}

/** A body as the caller passed it, kept so that a replay sends the same bytes. */
export const bodyOf = (body: RequestInit["body"]): Body => {
  if (body === undefined || body === null) return { _tag: "None" }
  // fetch converts a number or a boolean to a string.
  if (typeof body !== "object") return { _tag: "Replayable", value: `${body as any}` }
  return isStream(body) ? { _tag: "Once", value: body } : { _tag: "Replayable", value: snapshot(body) }
}

/** A stream of chunks that were already read, then of the rest. */
const withRest = (chunks: ReadonlyArray<Uint8Array>, reader: ReadableStreamDefaultReader<Uint8Array>) => {
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
 * Reads the body of a `Request` up to `limit` bytes: a whole body can be replayed, a longer one counts as a stream. Fails with what the stream fails with.
 */
export const readBody = Effect.fnUntraced(function* (body: Extract<Body, { readonly _tag: "Unread" }>, limit: number) {
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
  return { _tag: "Once", value: withRest(chunks, reader) } satisfies Body
})
