import { pipeline, Readable, type Transform } from "node:stream"
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress
} from "node:zlib"
import { fetchError } from "./fetchErrors.ts"

type Bytes = AsyncIterableIterator<Uint8Array, undefined>
type Decoder = (firstChunk: Uint8Array) => Transform

/** As lenient as fetch, because some servers end a compressed body early. */
const lenient = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH }

const gunzip: Decoder = () => createGunzip(lenient)

/** The codings that fetch decodes. A map: on an object, a coding named "constructor" would be found. */
const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  // Some servers omit the zlib header. The first byte shows whether it is there.
  ["deflate", ([byte = 0]) => ((byte & 0x0f) === 8 ? createInflate(lenient) : createInflateRaw(lenient))],
  [
    "br",
    () =>
      createBrotliDecompress({
        flush: constants.BROTLI_OPERATION_FLUSH,
        finishFlush: constants.BROTLI_OPERATION_FLUSH
      })
  ],
  // The largest window that RFC 9659 allows.
  ["zstd", () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: 23 } })]
])

/** A longer list is treated as an attack, as in fetch. */
const maxCodings = 5

/** The decoders for a `Content-Encoding`. None if the header is absent or contains an unknown coding. */
export const decodersFor = (contentEncoding: string | undefined): ReadonlyArray<Decoder> => {
  if (contentEncoding === undefined) return []
  const codings = contentEncoding.split(",").map((coding) => coding.trim().toLowerCase())
  if (codings.length > maxCodings) throw fetchError("fetch failed", new Error("too many content codings"))
  const found = codings.flatMap((coding) => decoders.get(coding) ?? [])
  return found.length === codings.length ? found.toReversed() : []
}

async function* prepend(first: Uint8Array, rest: Bytes): AsyncGenerator<Uint8Array, undefined> {
  yield first
  yield* rest
}

/** Rethrows the source's errors unchanged, and wraps the decoder's errors as fetch does. */
async function* decodeWith(decoder: Decoder, source: Bytes): AsyncGenerator<Uint8Array, undefined> {
  // Decoders fail on an empty body.
  const first = await source.next()
  if (first.done === true) return
  let sourceFailure: { readonly error: unknown } | undefined
  const readSource = async function* () {
    try {
      yield* prepend(first.value, source)
    } catch (error) {
      sourceFailure = { error }
      throw error
    }
  }
  try {
    yield* pipeline(Readable.from(readSource()), decoder(first.value), () => undefined) as AsyncIterable<Uint8Array>
  } catch (error) {
    throw sourceFailure === undefined ? fetchError("terminated", error) : sourceFailure.error
  }
}

/** Decodes a body with each decoder in turn. */
export const decodeBody = (source: Bytes, chain: ReadonlyArray<Decoder>): Bytes =>
  chain.reduce<Bytes>((bytes, decoder) => decodeWith(decoder, bytes), source)
