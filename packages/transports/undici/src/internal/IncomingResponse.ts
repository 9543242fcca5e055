import type { Dispatcher } from "undici"
import { fetchError, undiciError } from "./fetchErrors.ts"
import type { UndiciRequest } from "./request.ts"

/** The part of a response that arrives before its body. */
export interface Head {
  readonly status: number
  readonly statusText: string
  /** As undici passes them: an array of alternating names and values for HTTP/1.1, an object otherwise. */
  readonly rawHeaders: Dispatcher.DispatchController["rawHeaders"]
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
}

/** Settle the caller's promise. Only one of the two is called, and only once. */
export interface ResponseCallbacks {
  readonly onHead: (head: Head) => void
  readonly onError: (error: unknown) => void
}

/** The number of unread bytes at which the connection is paused. */
const highWaterMark = 64 * 1024

/** Responses with these statuses have no body, even if the server sends one. */
const bodylessStatuses = new Set([204, 205, 304])

/**
 * Close the connections of responses that are collected unread, and of streams that are collected before their end. A
 * registry keeps the values it holds, and an `IncomingResponse` may lead back to its owner: the stack of an abort does,
 * for example. So an entry is removed when its response ends, and until then, nothing in it may lead there.
 */
const unreadResponses = new FinalizationRegistry<IncomingResponse>((incoming) => {
  if (!incoming.hasReader) incoming.cancel()
})
const unfinishedStreams = new FinalizationRegistry<IncomingResponse>((incoming) => incoming.cancel())

/** Keeps a signal as long as the stream that an abort ends: the caller may keep the source of the signal alone. */
const signalsOfStreams = new WeakMap<object, AbortSignal>()

/** Copies all chunks into one new buffer. */
export const concatenate = (chunks: ReadonlyArray<Uint8Array>): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.byteLength, 0))
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

/**
 * A response while it arrives. undici pushes its chunks here, and a reader pulls them one by one or all at once. Without
 * a reader, the connection is paused at {@link highWaterMark} bytes.
 */
export class IncomingResponse implements Dispatcher.DispatchHandler, AsyncIterableIterator<Uint8Array, undefined> {
  /** Weak: a listener of the caller on the signal may reach the response. The signal itself keeps its listeners. */
  readonly #signal: WeakRef<AbortSignal> | undefined
  /** Keeps the signal while nothing else does: until there is a response, and while the whole body is read. */
  #keptSignal: AbortSignal | undefined
  readonly #onEnd: () => void
  /** Removed as soon as one of them is called: the callbacks reach the response, which must stay collectable. */
  #callbacks: ResponseCallbacks | undefined
  #method = "GET"
  #credential: string | undefined
  #controller: Dispatcher.DispatchController | undefined
  #head: Head | undefined
  #chunks: Array<Uint8Array> = []
  #bufferedBytes = 0
  #isReadingAll = false
  #failure: { readonly error: unknown } | undefined
  #hasEnded = false
  #wakeReader: (() => void) | undefined
  /** Whether a read of the body has started. */
  hasReader = false

  constructor(signal: AbortSignal | null | undefined, callbacks: ResponseCallbacks, onEnd: () => void) {
    if (signal) {
      this.#signal = new WeakRef(signal)
      this.#keptSignal = signal
    }
    this.#callbacks = callbacks
    this.#onEnd = onEnd
  }

  /** The signal that ends this response, for the object that the caller keeps. */
  get signal(): AbortSignal | undefined {
    return this.#signal?.deref()
  }

  /** Sends the request. */
  start(dispatcher: Dispatcher, { credential, options }: UndiciRequest): void {
    this.#method = options.method
    this.#credential = credential
    this.#keptSignal?.addEventListener("abort", this.#onAbort)
    try {
      dispatcher.dispatch(options, this)
    } catch (error) {
      this.onResponseError(undefined, error)
    }
  }

  /**
   * Cancels the response if it is collected before a read of its body has started. A short body ends before the caller
   * gets the response, and a registration costs more than such a response.
   */
  cancelIfUnread(response: object): void {
    queueMicrotask(() => {
      if (!this.#hasEnded && !this.hasReader) unreadResponses.register(response, this, this)
    })
  }

  /** Cancels the response if the stream is collected before its end. A stream with a pending read is reachable. */
  cancelWithStream(stream: object, signal: AbortSignal | undefined): void {
    if (signal !== undefined) signalsOfStreams.set(stream, signal)
    if (!this.#hasEnded) unfinishedStreams.register(stream, this, this)
  }

  get hasBody(): boolean {
    return this.#head !== undefined && this.#method !== "HEAD" && !bodylessStatuses.has(this.#head.status)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#hasEnded) this.#abortRequest()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Head["headers"],
    statusText = ""
  ): void {
    if (status < 200 || this.#hasEnded) return
    this.#head = { status, statusText, headers, rawHeaders: controller.rawHeaders }
    this.#takeCallbacks()?.onHead(this.#head)
    // From now on, the response keeps the signal.
    this.#keptSignal = undefined
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#hasEnded) return
    // undici passes an empty chunk when a paused body goes on, and a byte stream refuses those.
    if (chunk.byteLength === 0) return
    // The body cannot be read, so closing the connection is cheaper than receiving the rest.
    if (!this.hasBody) return this.cancel()
    this.#chunks.push(chunk)
    this.#bufferedBytes += chunk.byteLength
    if (this.#isReadingAll) return
    if (this.#bufferedBytes >= highWaterMark) controller.pause()
    this.#wakeReader?.()
  }

  onResponseEnd(): void {
    this.#end()
  }

  onResponseError(_controller: unknown, error: unknown): void {
    this.#fail(undiciError(this.#stage, error, this.#credential))
  }

  /**
   * Called when the request's own body cannot be read. undici keeps this function with the request, so it closes over
   * nothing but this object.
   */
  readonly onBodyError = (error: unknown): void => {
    this.#fail(fetchError(this.#stage, error))
    this.#abortRequest()
  }

  /** Drops the rest of the response. */
  cancel(): void {
    if (this.#hasEnded) return
    this.#chunks = []
    this.#end()
    this.#abortRequest()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.hasReader = true
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) {
        this.#bufferedBytes -= chunk.byteLength
        if (this.#bufferedBytes < highWaterMark) this.#resume()
        return { done: false, value: chunk }
      }
      if (this.#hasEnded) return { done: true, value: undefined }
      await this.#untilChange()
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.cancel()
    return { done: true, value: undefined }
  }

  /** Called before the body is read here: the caller may keep neither the response nor a stream meanwhile. */
  keepSignal(): void {
    if (!this.#hasEnded) this.#keptSignal = this.signal
  }

  /** Reads the rest of the body. */
  async readAll(): Promise<Uint8Array<ArrayBuffer>> {
    this.hasReader = true
    this.#isReadingAll = true
    this.#resume()
    while (!this.#hasEnded) await this.#untilChange()
    if (this.#failure !== undefined) throw this.#failure.error
    return concatenate(this.#chunks)
  }

  get #stage(): "fetch failed" | "terminated" {
    return this.#head === undefined ? "fetch failed" : "terminated"
  }

  readonly #onAbort = ({ target }: Event) => {
    this.#fail((target as AbortSignal).reason)
    this.#abortRequest()
  }

  #fail(error: unknown): void {
    if (this.#hasEnded) return
    this.#failure = { error }
    this.#end()
    this.#takeCallbacks()?.onError(error)
  }

  #takeCallbacks(): ResponseCallbacks | undefined {
    const callbacks = this.#callbacks
    this.#callbacks = undefined
    return callbacks
  }

  #untilChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeReader = resolve
    })
  }

  #end(): void {
    this.#hasEnded = true
    this.#onEnd()
    this.signal?.removeEventListener("abort", this.#onAbort)
    this.#keptSignal = undefined
    unreadResponses.unregister(this)
    unfinishedStreams.unregister(this)
    this.#wakeReader?.()
  }

  #resume(): void {
    if (this.#controller?.paused === true) this.#controller.resume()
  }

  #abortRequest(): void {
    this.#controller?.abort(new DOMException("The operation was aborted.", "AbortError"))
  }
}
