import * as Effect from "effect/Effect"

/** What was read of a body: its text, and whether that was all of it. */
interface BoundedText {
  readonly text: string
  readonly complete: boolean
}

/**
 * Reads at most `maxBytes` of a body and cancels the rest, also when interrupted: a body may never end (TOK-10).
 * Fails with whatever the stream fails with.
 */
export const readBounded = Effect.fnUntraced(function* (body: ReadableStream<Uint8Array> | null, maxBytes: number) {
  if (body === null) return { text: "", complete: true } satisfies BoundedText
  const reader = body.getReader()
  const decoder = new TextDecoder()
  // @effect-diagnostics-next-line unknownInEffectCatch:off
  const read = Effect.tryPromise({ try: () => reader.read(), catch: (error) => error })
  const readAll = Effect.gen(function* () {
    let bytes = 0
    let text = ""
    while (true) {
      const chunk = yield* read
      if (chunk.done) return { text: text + decoder.decode(), complete: true } satisfies BoundedText
      const within = chunk.value.subarray(0, Math.max(0, maxBytes - bytes))
      text += decoder.decode(within, { stream: true })
      bytes += chunk.value.byteLength
      if (bytes > maxBytes) return { text, complete: false } satisfies BoundedText
    }
  })
  return yield* Effect.ensuring(readAll, discard(reader))
})

/** What of a body comes within these bounds, in bytes and milliseconds; empty when it breaks or takes longer. */
export const readGlance = (
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  maxMillis: number
): Effect.Effect<string> =>
  readBounded(body, maxBytes).pipe(
    Effect.timeoutOption(maxMillis),
    Effect.map((read) => (read._tag === "Some" ? read.value.text : "")),
    Effect.orElseSucceed(() => "")
  )

/** Cancels without waiting: a peer that ignores the cancellation must not hold anybody up. */
const discard = (stream: Pick<ReadableStream, "cancel">) =>
  Effect.sync(() => {
    stream.cancel().catch(() => undefined)
  })

/** Gives up a response that nobody will read, so that its connection is freed. */
export const discardBody = (body: ReadableStream<Uint8Array> | null): Effect.Effect<void> =>
  body === null || body.locked ? Effect.void : discard(body)
