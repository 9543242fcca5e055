import type { TransportResponse } from "@tokenkeep/core"
import { decoded, decodersOf } from "./contentCodings.ts"
import { type Head, type Incoming, joined } from "./Incoming.ts"
import { headersOf } from "./responseHeaders.ts"

/** Answers that were let go of unread must not hold their connections. */
const unread = new FinalizationRegistry<Incoming>((incoming) => {
  if (!incoming.isTaken) incoming.cancel()
})

const streamOf = (
  bytes: AsyncIterator<Uint8Array, undefined>,
  incoming: Incoming
): ReadableStream<Uint8Array<ArrayBuffer>> =>
  new ReadableStream({
    type: "bytes",
    pull: async (controller) => {
      const { done, value } = await bytes.next()
      if (done !== true) return controller.enqueue(new Uint8Array(value))
      controller.close()
      // A reader that brought its own buffer gets it back.
      controller.byobRequest?.respond(0)
    },
    // Where they come from: what waits for the next ones, such as a decoder, ends with them.
    cancel: () => incoming.cancel()
  })

const utf8 = new TextDecoder()

/**
 * A `Response` that costs little until something is done with it: its headers are parsed when they are looked at, and
 * its body becomes a stream when a stream is asked for.
 */
export class UndiciResponse extends Response implements TransportResponse {
  readonly #url: string
  readonly #head: Head
  readonly #incoming: Incoming
  readonly #decoders: ReturnType<typeof decodersOf>
  #headers: Headers | undefined
  /** The platform's own response with our body, for what only a platform can do. */
  #platform: Response | undefined
  #isRead = false

  /** Throws when the body is encoded more often than anybody would. */
  constructor(url: string, head: Head, incoming: Incoming, platform?: Response) {
    super(null)
    this.#url = url
    this.#head = head
    this.#incoming = incoming
    this.#platform = platform
    this.#decoders = decodersOf(head.headers["content-encoding"]?.toString())
    if (!incoming.isOver) unread.register(this, incoming)
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

  override get type(): ResponseType {
    return "basic"
  }

  override get url(): string {
    const [url = ""] = this.#url.split("#", 1)
    return url
  }

  override get headers(): Headers {
    return (this.#headers ??= headersOf(this.#head))
  }

  override get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#incoming.hasBody ? this.#asPlatform().body : null
  }

  override get bodyUsed(): boolean {
    return this.#isRead || this.#platform?.bodyUsed === true
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#whole().then((bytes) => bytes.buffer)
  }

  override bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#whole()
  }

  override blob(): Promise<Blob> {
    return this.#asPlatform().blob()
  }

  override text(): Promise<string> {
    return this.#whole().then((bytes) => utf8.decode(bytes))
  }

  override json(): Promise<unknown> {
    return this.text().then((text): unknown => JSON.parse(text))
  }

  override formData(): Promise<FormData> {
    return this.#asPlatform().formData()
  }

  override clone(): Response {
    return new UndiciResponse(this.#url, this.#head, this.#incoming, this.#asPlatform().clone())
  }

  get #bytes(): AsyncIterableIterator<Uint8Array, undefined> {
    return decoded(this.#incoming, this.#decoders)
  }

  #asPlatform(): Response {
    if (this.#platform !== undefined) return this.#platform
    this.#incoming.isTaken = true
    this.#platform = new Response(this.#incoming.hasBody ? streamOf(this.#bytes, this.#incoming) : null, {
      headers: this.headers
    })
    // A body that was read already is one that the platform has read, too.
    if (this.#isRead) this.#platform.body?.cancel().catch(() => undefined)
    return this.#platform
  }

  /** All of the body, without a stream where there is none yet. */
  async #whole(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#platform !== undefined) return new Uint8Array(await this.#platform.arrayBuffer())
    if (!this.#incoming.hasBody) return new Uint8Array()
    if (this.#isRead) throw new TypeError("Body is unusable: Body has already been read")
    this.#isRead = true
    if (this.#decoders.length === 0) return this.#incoming.whole()
    const chunks: Array<Uint8Array> = []
    for await (const chunk of this.#bytes) chunks.push(chunk)
    return joined(chunks)
  }
}
