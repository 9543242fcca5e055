import { type Dispatcher, FormData as UndiciForm } from "undici"
import { credentialOf } from "./fetchErrors.ts"

/** A request as undici takes it. */
export interface UndiciRequest {
  readonly options: Dispatcher.DispatchOptions
  readonly credential: string | undefined
}

type DispatchBody = Dispatcher.DispatchOptions["body"]

interface Encoded {
  readonly body: DispatchBody
  readonly contentType?: string
}

/** Methods that fetch writes in capitals, however the caller did. */
const capitals = /^(?:delete|get|head|options|post|put)$/i
const forbidden = /^(?:connect|trace|track)$/i

const methodOf = (method = "GET"): string => {
  if (method === "GET" || method === "POST") return method
  if (forbidden.test(method)) throw new TypeError(`'${method}' HTTP method is unsupported.`)
  return capitals.test(method) ? method.toUpperCase() : method
}

/** undici sends its own forms only. */
const formOf = (form: FormData): UndiciForm => {
  const copy = new UndiciForm()
  for (const [name, value] of form) {
    if (typeof value === "string") copy.append(name, value)
    else copy.append(name, value, value.name)
  }
  return copy
}

/** A caller's stream, whose own error is told apart from those of the connection. */
async function* watched(stream: AsyncIterable<unknown>, onError: (error: unknown) => void) {
  try {
    yield* stream
  } catch (error) {
    onError(error)
    throw error
  }
}

const isIterable = (body: object): body is AsyncIterable<unknown> => Symbol.asyncIterator in body

/** A body and the type that fetch would declare for it. */
const encoded = (body: BodyInit, onError: (error: unknown) => void): Encoded => {
  if (typeof body === "string") return { body, contentType: "text/plain;charset=UTF-8" }
  if (body instanceof URLSearchParams) {
    return { body: body.toString(), contentType: "application/x-www-form-urlencoded;charset=UTF-8" }
  }
  if (body instanceof ArrayBuffer) return { body: new Uint8Array(body) }
  if (ArrayBuffer.isView(body)) return { body: new Uint8Array(body.buffer, body.byteOffset, body.byteLength) }
  if (body instanceof FormData) return { body: formOf(body) }
  // undici takes blobs and iterables, which its types leave out; it declares a blob's type itself.
  if (body instanceof Blob) return { body: body as unknown as DispatchBody }
  return isIterable(body) ? { body: watched(body, onError) as unknown as DispatchBody } : encoded(String(body), onError)
}

const bodyOf = (init: RequestInit, method: string, onError: (error: unknown) => void): Encoded => {
  const { body } = init
  if (body === undefined || body === null) return { body: null }
  if (method === "GET" || method === "HEAD") throw new TypeError("Request with GET/HEAD method cannot have body.")
  return encoded(body, onError)
}

/** The parts of a URL that a request is sent with. */
const placeOf = (url: string): { readonly origin: string; readonly path: string; readonly isSecure: boolean } => {
  const { href, origin, password, protocol, username } = new URL(url)
  if (username !== "" || password !== "") throw new TypeError("The URL has a user name or password in it.")
  const [address = ""] = href.split("#", 1)
  return { origin, path: address.slice(origin.length), isSecure: protocol === "https:" }
}

type Named = Record<string, string>

const isPlain = (headers: HeadersInit): headers is Named => !(Symbol.iterator in headers)

/** The caller's headers by their lower-case names: a copy that costs little, since every request makes one. */
const named = (headers: HeadersInit | undefined): Named => {
  const found = Object.create(null) as Named
  if (headers === undefined) return found
  if (!isPlain(headers)) return Object.assign(found, Object.fromEntries(new Headers(headers)))
  for (const name of Object.keys(headers)) {
    const key = name.toLowerCase()
    // The same name twice is for the platform to join.
    if (key in found) return Object.assign(Object.create(null), Object.fromEntries(new Headers(headers))) as Named
    found[key] = `${headers[name]}`
  }
  return found
}

/**
 * A fetch call as undici takes it. Throws a `TypeError` where fetch would. The headers are the caller's, with what fetch
 * says of itself: what it accepts, can decode, and is called.
 */
export const requestOf = (url: string, init: RequestInit, onBodyError: (error: unknown) => void): UndiciRequest => {
  const { isSecure, origin, path } = placeOf(url)
  const method = methodOf(init.method)
  if (init.integrity !== undefined && init.integrity !== "") throw new TypeError("integrity is not checked here")
  const headers = named(init.headers)
  const { body = null, contentType } = bodyOf(init, method, onBodyError)
  headers["accept"] ??= "*/*"
  headers["accept-encoding"] ??= isSecure ? "br, gzip, deflate" : "gzip, deflate"
  headers["user-agent"] ??= "undici"
  if (contentType !== undefined) headers["content-type"] ??= contentType
  return { options: { origin, path, method, body, headers }, credential: credentialOf(headers["authorization"]) }
}
