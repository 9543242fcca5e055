import type { Dispatcher } from "undici"
import { fetchError, undiciError } from "./fetchErrors.ts"

/** What of an answer comes before its body. */
export interface Head {
  readonly status: number
  readonly statusText: string
  /** As undici gives them: names and values in turn where they came as bytes, else by name. */
  readonly rawHeaders: Dispatcher.DispatchController["rawHeaders"]
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
}

/** What an answer is waited for with. */
export interface Waiting {
  readonly method: string
  readonly signal: AbortSignal | null | undefined
  readonly credential: string | undefined
  readonly answered: (head: Head) => void
  readonly failed: (error: unknown) => void
  /** Nothing more will come. */
  readonly over: () => void
}

/** As many bytes as wait for a reader before the server is made to wait. */
const highWaterMark = 64 * 1024

/** Statuses whose answers have no body, whatever the server sends. */
const withoutBody = new Set([204, 205, 304])

/** All chunks as one, in a buffer of its own. */
export const joined = (chunks: ReadonlyArray<Uint8Array>): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(chunks.reduce((bytes, chunk) => bytes + chunk.byteLength, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}

/**
 * One answer as it arrives: undici pushes it here, and a reader takes its body, piece by piece or whole. While nobody
 * does, at most {@link highWaterMark} bytes are held.
 */
export class Incoming implements Dispatcher.DispatchHandler, AsyncIterableIterator<Uint8Array, undefined> {
  readonly #waiting: Waiting
  #controller: Dispatcher.DispatchController | undefined
  #head: Head | undefined
  #chunks: Array<Uint8Array> = []
  #held = 0
  #isWhole = false
  #failure: { readonly error: unknown } | undefined
  #isOver = false
  #wake: (() => void) | undefined
  /** Whether somebody reads the body. */
  isTaken = false

  constructor(waiting: Waiting) {
    this.#waiting = waiting
    waiting.signal?.addEventListener("abort", this.#aborted)
  }

  /** Whether nothing more will come. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether the answer has a body to read. */
  get hasBody(): boolean {
    return this.#head !== undefined && this.#waiting.method !== "HEAD" && !withoutBody.has(this.#head.status)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isOver) this.#stop()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Head["headers"],
    statusText = ""
  ): void {
    if (status < 200 || this.#isOver) return
    this.#head = { status, statusText, headers, rawHeaders: controller.rawHeaders }
    this.#waiting.answered(this.#head)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#isOver) return
    // Nobody can read it, so the connection is not worth keeping.
    if (!this.hasBody) return this.cancel()
    this.#chunks.push(chunk)
    this.#held += chunk.byteLength
    if (this.#isWhole) return
    if (this.#held >= highWaterMark) controller.pause()
    this.#wake?.()
  }

  onResponseEnd(): void {
    this.#end()
  }

  onResponseError(_controller: unknown, error: unknown): void {
    this.fail(undiciError(this.#stage, error, this.#waiting.credential))
  }

  /** The request's own body could not be read. */
  onBodyError(error: unknown): void {
    this.fail(fetchError(this.#stage, error))
    this.#stop()
  }

  fail(error: unknown): void {
    if (this.#isOver) return
    this.#failure = { error }
    this.#end()
    if (this.#head === undefined) this.#waiting.failed(error)
  }

  /** Gives the rest up. */
  cancel(): void {
    if (this.#isOver) return
    this.#chunks = []
    this.#end()
    this.#stop()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.isTaken = true
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) {
        this.#held -= chunk.byteLength
        if (this.#held < highWaterMark) this.#resume()
        return { done: false, value: chunk }
      }
      if (this.#isOver) return { done: true, value: undefined }
      await this.#change()
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.cancel()
    return { done: true, value: undefined }
  }

  /** All of the body that has not been read. */
  async whole(): Promise<Uint8Array<ArrayBuffer>> {
    this.isTaken = true
    this.#isWhole = true
    this.#resume()
    while (!this.#isOver) await this.#change()
    if (this.#failure !== undefined) throw this.#failure.error
    return joined(this.#chunks)
  }

  get #stage(): "fetch failed" | "terminated" {
    return this.#head === undefined ? "fetch failed" : "terminated"
  }

  readonly #aborted = () => {
    this.fail(this.#waiting.signal?.reason)
    this.#stop()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #end(): void {
    this.#isOver = true
    this.#waiting.over()
    this.#waiting.signal?.removeEventListener("abort", this.#aborted)
    this.#wake?.()
  }

  #resume(): void {
    if (this.#controller?.paused === true) this.#controller.resume()
  }

  #stop(): void {
    this.#controller?.abort(new DOMException("The operation was aborted.", "AbortError"))
  }
}
