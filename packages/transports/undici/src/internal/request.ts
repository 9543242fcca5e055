import { isArrayBuffer } from "node:util/types"
import { type Dispatcher, FormData as UndiciForm } from "undici"
import { credentialOf } from "./fetchErrors.ts"

/** A request in the form that undici dispatches. */
export interface UndiciRequest {
  readonly options: Dispatcher.DispatchOptions & { readonly headers: Readonly<Record<string, string>> }
  readonly credential: string | undefined
}

type DispatchBody = Dispatcher.DispatchOptions["body"]

interface EncodedBody {
  readonly body: DispatchBody
  readonly contentType?: string
}

/** The methods that fetch converts to upper case. */
const normalizedMethods = /^(?:delete|get|head|options|post|put)$/i
const forbiddenMethods = /^(?:connect|trace|track)$/i

const normalizeMethod = (method = "GET"): string => {
  if (method === "GET" || method === "POST") return method
  if (forbiddenMethods.test(method)) throw new TypeError(`'${method}' HTTP method is unsupported.`)
  return normalizedMethods.test(method) ? method.toUpperCase() : method
}

/** Copies a form, because undici sends only its own class. */
const toUndiciForm = (form: FormData): UndiciForm => {
  const copy = new UndiciForm()
  for (const [name, value] of form) {
    if (typeof value === "string") copy.append(name, value)
    else copy.append(name, value, value.name)
  }
  return copy
}

type OnBodyError = (error: unknown) => void

/** Reports errors of the caller's stream, which undici does not distinguish from errors of the connection. */
async function* reportErrors(stream: AsyncIterable<unknown>, onError: OnBodyError) {
  try {
    yield* stream
  } catch (error) {
    onError(error)
    throw error
  }
}

const isIterable = (body: unknown): body is AsyncIterable<unknown> => Symbol.asyncIterator in Object(body)

/** A body with the `Content-Type` that fetch sets for it. */
const encodeBody = (body: NonNullable<RequestInit["body"]>, onError: OnBodyError): EncodedBody => {
  if (typeof body === "string") return { body, contentType: "text/plain;charset=UTF-8" }
  if (body instanceof URLSearchParams) {
    return { body: body.toString(), contentType: "application/x-www-form-urlencoded;charset=UTF-8" }
  }
  // Of any realm: test runners give modules globals of their own.
  if (isArrayBuffer(body)) return { body: new Uint8Array(body) }
  if (ArrayBuffer.isView(body)) return { body: new Uint8Array(body.buffer, body.byteOffset, body.byteLength) }
  if (body instanceof FormData) return { body: toUndiciForm(body) }
  if ((body as unknown) instanceof UndiciForm) return { body: body as unknown as UndiciForm }
  // undici accepts blobs and iterables, although its types omit them. It sets the type of a blob itself.
  if (body instanceof Blob) return { body: body as unknown as DispatchBody }
  return isIterable(body)
    ? { body: reportErrors(body, onError) as unknown as DispatchBody }
    : encodeBody(String(body), onError)
}

const bodyOf = ({ body }: RequestInit, method: string, onError: OnBodyError): EncodedBody => {
  if (body === undefined || body === null) return { body: null }
  if (method === "GET" || method === "HEAD") throw new TypeError("Request with GET/HEAD method cannot have body.")
  return encodeBody(body, onError)
}

interface Target {
  readonly origin: string
  readonly path: string
  readonly isSecure: boolean
}

const targetOf = (url: string): Target => {
  const { href, origin, password, protocol, username } = new URL(url)
  if (username !== "" || password !== "") {
    throw new TypeError(
      "The URL contains a user name or password. Remove them, and send an Authorization header instead."
    )
  }
  const [address = ""] = href.split("#", 1)
  return { origin, path: address.slice(origin.length), isSecure: protocol === "https:" }
}

type HeaderRecord = Record<string, string>

const isRecord = (headers: NonNullable<RequestInit["headers"]>): headers is HeaderRecord =>
  !(Symbol.iterator in headers)

/** The platform's own reading of the headers. It is slow, but joins names that occur more than once. */
const joinHeaders = (headers: NonNullable<RequestInit["headers"]>): HeaderRecord =>
  Object.assign(Object.create(null), Object.fromEntries(new Headers(headers))) as HeaderRecord

/** Copies the headers under lower-case names. Each request does this, so the common case avoids `Headers`. */
const toHeaderRecord = (headers: RequestInit["headers"]): HeaderRecord => {
  const record = Object.create(null) as HeaderRecord
  if (headers === undefined) return record
  if (!isRecord(headers)) return joinHeaders(headers)
  for (const name of Object.keys(headers)) {
    const key = name.toLowerCase()
    if (key in record) return joinHeaders(headers)
    record[key] = `${headers[name]}`
  }
  return record
}

/**
 * Converts the arguments of a fetch call, and adds the headers that fetch adds: `Accept`, `User-Agent` and, if the
 * response is decoded, `Accept-Encoding`. Throws a `TypeError` where fetch would.
 */
export const toUndiciRequest = (
  url: string,
  init: RequestInit,
  { decode, onBodyError }: { readonly decode: boolean; readonly onBodyError: OnBodyError }
): UndiciRequest => {
  const { isSecure, origin, path } = targetOf(url)
  const method = normalizeMethod(init.method)
  if (init.integrity !== undefined && init.integrity !== "") {
    throw new TypeError("The undici transport cannot check integrity. Remove this option from the request.")
  }
  const headers = toHeaderRecord(init.headers)
  const { body = null, contentType } = bodyOf(init, method, onBodyError)
  headers["accept"] ??= "*/*"
  if (decode) headers["accept-encoding"] ??= isSecure ? "br, gzip, deflate" : "gzip, deflate"
  headers["user-agent"] ??= "undici"
  if (contentType !== undefined) headers["content-type"] ??= contentType
  return { options: { origin, path, method, body, headers }, credential: credentialOf(headers["authorization"]) }
}
