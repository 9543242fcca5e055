/// <reference types="node" />
import type { Host } from "../Host.ts"
import { checkNumber } from "./checkNumber.ts"
import { createFakeDeeply, type FakeDeeply } from "./FakeDeeply.ts"
import type { FakeDeeplyOptions } from "./FakeDeeplyOptions.ts"
import { exchange } from "./HttpExchange.ts"

/**
 * The options of a fake server on a socket.
 *
 * @example
 * ```ts
 * import { startFakeDeeply, type StartFakeDeeplyOptions } from "@tokenkeep/deeply/testing"
 *
 * const options: StartFakeDeeplyOptions = { port: 0, events: 3 }
 * const fake = await startFakeDeeply(options)
 * console.log(fake.url.startsWith("http://127.0.0.1:")) // => true
 * await fake.close()
 * ```
 */
export interface StartFakeDeeplyOptions extends FakeDeeplyOptions {
  /** The TCP port on 127.0.0.1. Default 0: a free one. */
  readonly port?: number
}

/**
 * A fake server that listens on loopback.
 *
 * @example
 * ```ts
 * import { type RunningFakeDeeply, startFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * const fake: RunningFakeDeeply = await startFakeDeeply()
 * const response = await fetch(`${fake.url}/api/v1/events`)
 * console.log(response.status) // => 403
 * await response.body?.cancel()
 * await fake.close()
 * ```
 */
export interface RunningFakeDeeply extends FakeDeeply, AsyncDisposable {
  /** The base URL: `http://127.0.0.1:PORT`. */
  readonly url: string
  /** To be given to `createDeeply` as its `host`. */
  readonly host: Host
  /** Ends every connection and every request under way, and resolves when the port is free; again does nothing. */
  close(): Promise<void>
}

/**
 * Starts a fake Deeply server on 127.0.0.1, over plain HTTP; it works in Node, Deno and Bun. End it with `close`, or
 * declare it with `await using`.
 *
 * @param options - Those of {@link createFakeDeeply}, and `port` (default 0: a free one). The promise rejects where an
 *   option cannot work, or the port cannot be listened on.
 *
 * @example
 * ```ts
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * const fake = await startFakeDeeply({ events: 5 })
 * const get = (path: string, credential: string) =>
 *   fetch(fake.url + path, { headers: { authorization: `Bearer ${credential}` } })
 *
 * const { access_token } = await (await get("/api/v1/auth/reissue", fake.apiKey)).json()
 * const page = await (await get("/api/v1/events", access_token)).json()
 * console.log(page.total_cnt) // => 5
 * console.log(fake.stats.issued, fake.stats.requests) // => 1 1
 * await fake.close()
 * ```
 */
export const startFakeDeeply = async (options: StartFakeDeeplyOptions = {}): Promise<RunningFakeDeeply> => {
  const port = checkNumber("port", options.port ?? 0, { unit: "a TCP port", from: 0, to: 65_535, whole: true })
  const fake = createFakeDeeply(options)
  const { url, close } = await listen(fake, port, options.now ?? Date.now)
  const host: Host = { name: "fake", baseUrl: url, cleartext: true }
  return Object.assign(fake, { url, host, close, [Symbol.asyncDispose]: close })
}

/** `node:http` is loaded here alone, so that the rest runs where there is none. */
const listen = async (fake: FakeDeeply, port: number, now: () => number) => {
  const { createServer } = await import("node:http")
  const underWay = new Set<AbortController>()
  const base = { url: "", now }
  const server = createServer((incoming, outgoing) => {
    const stop = new AbortController()
    underWay.add(stop)
    outgoing.once("close", () => stop.abort())
    void exchange(fake, base, incoming, outgoing, stop).finally(() => underWay.delete(stop))
  })
  base.url = `http://127.0.0.1:${await listening(server, port)}`
  const stopAll = () => underWay.forEach((stop) => stop.abort())
  return { url: base.url, close: onceOnly(() => closed(server, stopAll)) }
}

type Server = ReturnType<(typeof import("node:http"))["createServer"]>

const listening = (server: Server, port: number) =>
  new Promise<number>((resolve, reject) => {
    server.once("error", (cause: Error & { code?: string }) => {
      const taken = cause.code === "EADDRINUSE" ? "another server is listening there" : (cause.code ?? "unknown cause")
      reject(new Error(`Cannot listen on 127.0.0.1:${port}: ${taken}. Leave \`port\` out for a free one.`, { cause }))
    })
    server.listen(port, "127.0.0.1", () => {
      const address = server.address()
      resolve(typeof address === "object" && address !== null ? address.port : port)
    })
  })

const closed = (server: Server, stopAll: () => void) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve())
    stopAll()
    server.closeAllConnections()
  })

const onceOnly = <A>(run: () => Promise<A>) => {
  let first: Promise<A> | undefined
  return () => (first ??= run())
}
