import type { TransportResponse } from "@tokenkeep/core"
import type { RawResponse } from "../RawResponse.ts"
import { decodeBody, decodersFor } from "./contentCodings.ts"
import { concatenate, type Head, type IncomingResponse } from "./IncomingResponse.ts"
import { headersOf, toHeaders } from "./responseHeaders.ts"

const streamBody = (
  bytes: AsyncIterator<Uint8Array, undefined>,
  incoming: IncomingResponse,
  signal: AbortSignal | undefined
): ReadableStream<Uint8Array<ArrayBuffer>> => {
  const stream: ReadableStream<Uint8Array<ArrayBuffer>> = new ReadableStream({
    type: "bytes",
    pull: async (controller) => {
      const { done, value } = await bytes.next()
      if (done !== true) return controller.enqueue(new Uint8Array(value))
      controller.close()
      // Returns the buffer to a reader that passed its own.
      controller.byobRequest?.respond(0)
    },
    // Cancelling the source, not the iterator, also ends a decoder that waits for the next chunk.
    cancel: () => incoming.cancel()
  })
  incoming.cancelWithStream(stream, signal)
  return stream
}

const utf8 = new TextDecoder()

/** How a response shows its body. */
interface BodyOptions {
  /** Whether content codings are decoded. */
  readonly decode: boolean
  /** A response of the platform's own with this body, for a clone. */
  readonly native?: Response
}

/**
 * A `Response` that does its work on demand: headers are parsed on first access, and the body becomes a stream only if a
 * stream is requested.
 */
export class UndiciResponse extends Response implements TransportResponse {
  readonly #url: string
  readonly #head: Head
  readonly #incoming: IncomingResponse
  /** Kept with the response: the caller may keep the source of the signal alone. */
  readonly #signal: AbortSignal | undefined
  readonly #decode: boolean
  readonly #decoders: ReturnType<typeof decodersFor>
  #headers: Headers | undefined
  /** A response of the platform's own with this body, for features that only the platform implements. */
  #native: Response | undefined
  #isRead = false

  /** Throws if the body has more content codings than fetch accepts. */
  constructor(url: string, head: Head, incoming: IncomingResponse, { decode, native }: BodyOptions) {
    super(null)
    // happy-dom's Response has own properties, which would hide the getters of this class.
    for (const name of Object.keys(this)) Reflect.deleteProperty(this, name)
    this.#url = url
    this.#head = head
    this.#incoming = incoming
    this.#signal = incoming.signal
    this.#native = native
    this.#decode = decode
    this.#decoders = decode ? decodersFor(head.headers["content-encoding"]?.toString()) : []
    incoming.cancelIfUnread(this)
  }

  toResponse(): Response {
    return this
  }

  override get status(): number {
    return this.#head.status
  }

  override get statusText(): string {
    return this.#head.statusText
  }

  override get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }

  /** Core follows redirects, and sets this on the response that it returns. */
  override get redirected(): boolean {
    return false
  }

  override get type(): ResponseType {
    return "basic"
  }

  override get url(): string {
    const [url = ""] = this.#url.split("#", 1)
    return url
  }

  override get headers(): Headers {
    return (this.#headers ??= toHeaders(this.#head))
  }

  override get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#incoming.hasBody ? this.#toNative().body : null
  }

  override get bodyUsed(): boolean {
    return this.#isRead || this.#native?.bodyUsed === true
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#readAll().then((bytes) => bytes.buffer)
  }

  override bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#readAll()
  }

  override blob(): Promise<Blob> {
    return this.#toNative().blob()
  }

  override text(): Promise<string> {
    return this.#readAll().then((bytes) => utf8.decode(bytes))
  }

  override json(): Promise<unknown> {
    return this.text().then((text): unknown => JSON.parse(text))
  }

  override formData(): Promise<FormData> {
    return this.#toNative().formData()
  }

  override clone(): Response {
    const native = this.#toNative().clone()
    return new UndiciResponse(this.#url, this.#head, this.#incoming, { decode: this.#decode, native })
  }

  /** The parts as the server sent them. From then on, the body can be read there alone. */
  takeRaw(): RawResponse {
    if (this.bodyUsed || this.#native !== undefined) throw new TypeError("Body is unusable: Body has already been read")
    this.#isRead = true
    this.#incoming.hasReader = true
    this.#incoming.keepSignal()
    const { status, statusText } = this.#head
    const chunks = this.#incoming.hasBody ? this.#incoming : undefined
    return { status, statusText, headers: headersOf(this.#head), chunks }
  }

  get #bytes(): AsyncIterableIterator<Uint8Array, undefined> {
    return decodeBody(this.#incoming, this.#decoders)
  }

  #toNative(): Response {
    if (this.#native !== undefined) return this.#native
    this.#incoming.hasReader = true
    this.#native = new Response(this.#incoming.hasBody ? this.#stream() : null, { headers: this.headers })
    // A body that was read here must count as used there.
    if (this.#isRead) this.#native.body?.cancel().catch(() => undefined)
    return this.#native
  }

  /** The body, or an empty stream in place of one that was read: cancelling it does not stop a read in progress. */
  #stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#isRead ? new ReadableStream() : streamBody(this.#bytes, this.#incoming, this.#signal)
  }

  /** Reads the body without a stream, unless there is one already. */
  async #readAll(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#native !== undefined) return new Uint8Array(await this.#native.arrayBuffer())
    if (!this.#incoming.hasBody) return new Uint8Array()
    if (this.#isRead) throw new TypeError("Body is unusable: Body has already been read")
    this.#isRead = true
    this.#incoming.keepSignal()
    if (this.#decoders.length === 0) return this.#incoming.readAll()
    const chunks: Array<Uint8Array> = []
    for await (const chunk of this.#bytes) chunks.push(chunk)
    return concatenate(chunks)
  }
}
