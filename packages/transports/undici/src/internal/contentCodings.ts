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
type Decoder = (first: Uint8Array) => Transform

/** As lenient as fetch: servers are known to end compressed bodies early. */
const lenient = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH }

const gunzip: Decoder = () => createGunzip(lenient)

/** The codings that fetch decodes. */
const decoders: Readonly<Record<string, Decoder>> = {
  gzip: gunzip,
  "x-gzip": gunzip,
  // Some servers leave the zlib header out; its first byte tells.
  deflate: ([byte = 0]) => ((byte & 0x0f) === 8 ? createInflate(lenient) : createInflateRaw(lenient)),
  br: () =>
    createBrotliDecompress({
      flush: constants.BROTLI_OPERATION_FLUSH,
      finishFlush: constants.BROTLI_OPERATION_FLUSH
    }),
  // The window that RFC 9659 allows.
  zstd: () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: 23 } })
}

/** More than this many are taken for an attack, as fetch does. */
const maxCodings = 5

/** How a `Content-Encoding` is undone: nothing to do when it is absent, or names a coding that is not known. */
export const decodersOf = (contentEncoding: string | undefined): ReadonlyArray<Decoder> => {
  if (contentEncoding === undefined) return []
  const codings = contentEncoding.split(",").map((coding) => coding.trim().toLowerCase())
  if (codings.length > maxCodings) throw fetchError("fetch failed", new Error("too many content codings"))
  const found = codings.flatMap((coding) => decoders[coding] ?? [])
  return found.length === codings.length ? found.toReversed() : []
}

async function* startingWith(first: Uint8Array, rest: Bytes): AsyncGenerator<Uint8Array, undefined> {
  yield first
  yield* rest
}

/** Errors of the source are passed on as they are; those of the decoder are what fetch makes of them. */
async function* decodedWith(decoder: Decoder, source: Bytes): AsyncGenerator<Uint8Array, undefined> {
  // Decoders do not like bodies without a byte.
  const first = await source.next()
  if (first.done === true) return
  let broken: { readonly error: unknown } | undefined
  const watched = async function* () {
    try {
      yield* startingWith(first.value, source)
    } catch (error) {
      broken = { error }
      throw error
    }
  }
  try {
    yield* pipeline(Readable.from(watched()), decoder(first.value), () => undefined) as AsyncIterable<Uint8Array>
  } catch (error) {
    throw broken === undefined ? fetchError("terminated", error) : broken.error
  }
}

/** The bytes that a server encoded, from the bytes that it sent. */
export const decoded = (source: Bytes, all: ReadonlyArray<Decoder>): Bytes =>
  all.reduce<Bytes>((bytes, decoder) => decodedWith(decoder, bytes), source)
