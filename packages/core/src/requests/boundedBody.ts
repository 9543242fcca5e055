import * as Effect from "effect/Effect"

/** What was read of a body, and whether that was all of it. */
interface BoundedBody {
  readonly text: string
  readonly complete: boolean
}

/**
 * Reads at most `maxBytes` of a body and cancels the rest, also when it is interrupted: a body may never end.
 * Fails with what the stream fails with.
 */
export const readBounded = Effect.fnUntraced(function* (body: ReadableStream<Uint8Array> | null, maxBytes: number) {
  if (body === null) return { text: "", complete: true } satisfies BoundedBody
  const reader = body.getReader()
  const decoder = new TextDecoder()
  // @effect-diagnostics-next-line unknownInEffectCatch:off
  const read = Effect.tryPromise({ try: () => reader.read(), catch: (error) => error })
  const readAll = Effect.gen(function* () {
    let bytes = 0
    let text = ""
    while (true) {
      const chunk = yield* read
      if (chunk.done) return { text: text + decoder.decode(), complete: true } satisfies BoundedBody
      const within = chunk.value.subarray(0, Math.max(0, maxBytes - bytes))
      text += decoder.decode(within, { stream: true })
      bytes += chunk.value.byteLength
      if (bytes > maxBytes) return { text, complete: false } satisfies BoundedBody
    }
  })
  return yield* Effect.ensuring(
    readAll,
    Effect.sync(() => cancel(reader))
  )
})

/** What arrives of a body within these bytes and milliseconds; empty if it breaks or takes longer. */
export const readWithin = (
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  maxMillis: number
): Effect.Effect<string> =>
  readBounded(body, maxBytes).pipe(
    Effect.timeoutOption(maxMillis),
    Effect.map((read) => (read._tag === "Some" ? read.value.text : "")),
    Effect.orElseSucceed(() => "")
  )

/** Cancels without waiting: a server may ignore the cancellation. */
const cancel = (stream: Pick<ReadableStream, "cancel">): void => {
  stream.cancel().catch(() => undefined)
}

/** Cancels a body that is not read, so that its connection is free. */
export const cancelBody = (body: ReadableStream<Uint8Array> | null): void => {
  if (body !== null && !body.locked) cancel(body)
}
