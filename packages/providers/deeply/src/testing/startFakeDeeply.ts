/// <reference types="node" />
// oxlint-disable-next-line eslint/no-restricted-imports -- a type loads nothing
import type { Server } from "node:http"
import type { Host } from "../Host.ts"
import { checkNames } from "./checkNames.ts"
import { checkNumber } from "./checkNumber.ts"
import { createFakeDeeply, type FakeDeeply } from "./FakeDeeply.ts"
import { type FakeDeeplyOptions, optionNames } from "./FakeDeeplyOptions.ts"
import { handleHttp } from "./server/httpExchange.ts"

/**
 * The options of a fake server that listens on a socket.
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
  /** The TCP port on 127.0.0.1; 0 for a free port. Default 0. */
  readonly port?: number
}

/**
 * A fake server that listens on 127.0.0.1.
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
  /** The value for the `host` option of `createDeeply`. */
  readonly host: Host
  /** Closes all connections, aborts pending requests, and resolves when the port is free; a second call does nothing. */
  close(): Promise<void>
}

/**
 * Starts a fake Deeply server on 127.0.0.1, with plain HTTP, in Node, Deno or Bun. Close it with `close`, or declare it
 * with `await using`.
 *
 * Rejects if an option is wrong, or if the port is not available.
 *
 * @param options The options of {@link createFakeDeeply}, and `port`; default 0, a free port.
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
  checkNames("the options", options, [...optionNames, "port"])
  const { port: given = 0 } = options
  const port = checkNumber("port", given, { unit: "a TCP port", from: 0, to: 65_535, whole: true })
  // By name: a spread would lose what an instance of a class inherits, such as its getters.
  const fake = createFakeDeeply(Object.fromEntries(optionNames.map((name) => [name, options[name]])))
  const { url, close } = await listen(fake, port, options.now ?? Date.now)
  const host: Host = { name: "fake", baseUrl: url, allowInsecureHttp: true }
  return Object.assign(fake, { url, host, close, [Symbol.asyncDispose]: close })
}

const listen = async (fake: FakeDeeply, port: number, now: () => number) => {
  // oxlint-disable-next-line eslint/no-restricted-imports -- loaded only when a server is started: this entry runs anywhere
  const { createServer } = await import("node:http")
  const pending = new Set<AbortController>()
  const info = { url: "", now }
  const server = createServer((incoming, outgoing) => {
    const stop = new AbortController()
    pending.add(stop)
    outgoing.once("close", () => stop.abort())
    void handleHttp(fake, info, incoming, outgoing, stop).finally(() => pending.delete(stop))
  })
  // Node closes an idle connection after 5 s. A busy or frozen test process could then send its request on a closed one.
  server.keepAliveTimeout = 60_000
  info.url = `http://127.0.0.1:${await listenOn(server, port)}`
  const stopAll = () => pending.forEach((stop) => stop.abort())
  return { url: info.url, close: once(() => closeServer(server, stopAll)) }
}

const listenOn = (server: Server, port: number) =>
  new Promise<number>((resolve, reject) => {
    server.once("error", (cause: Error & { code?: string }) => {
      const problem = cause.code === "EADDRINUSE" ? "another server uses this port" : (cause.code ?? "unknown cause")
      const fix = "Leave `port` out for a free port."
      reject(new Error(`Cannot listen on 127.0.0.1:${port}: ${problem}. ${fix}`, { cause }))
    })
    server.listen(port, "127.0.0.1", () => {
      const address = server.address()
      resolve(typeof address === "object" && address !== null ? address.port : port)
    })
  })

const closeServer = (server: Server, stopAll: () => void) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve())
    stopAll()
    server.closeAllConnections()
  })

const once = <A>(run: () => Promise<A>) => {
  let first: Promise<A> | undefined
  return () => (first ??= run())
}
