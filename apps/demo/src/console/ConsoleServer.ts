import { type ConsoleFeed, consolePage, formatMessage } from "console-page"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { OptionError } from "../readOption.ts"

/** A page that does not read its messages is disconnected at this many bytes. It connects again, with the current picture. */
const mostUnread = 1_000_000

const respond = (response: ServerResponse, status: number, text = ""): void => {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" }).end(text)
}

const sendPage = (response: ServerResponse): void => {
  const { contentSecurityPolicy, html } = consolePage()
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": contentSecurityPolicy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store"
  }
  response.writeHead(200, headers).end(html)
}

const sendEvents = (feed: ConsoleFeed, response: ServerResponse): void => {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" })
  response.write(`retry: 1000\n\n${formatMessage(feed.state())}`)
  const unsubscribe = feed.subscribe((message) => {
    response.write(formatMessage(message))
    if (response.writableLength > mostUnread) response.destroy()
  })
  response.once("close", unsubscribe)
}

/** Serves the console of a feed on 127.0.0.1. Only pages of this server can use its controls. */
export const startConsoleServer = async (options: {
  readonly feed: ConsoleFeed
  /** What each control does, by its name. */
  readonly controls: Readonly<Record<string, () => void | Promise<void>>>
  /** 0 for a free port. */
  readonly port: number
}) => {
  const { controls, feed } = options
  let hosts: ReadonlyArray<string> = []

  const runControl = async (request: IncomingMessage, response: ServerResponse, name: string): Promise<void> => {
    if (request.method !== "POST") return respond(response, 405, "Send POST.")
    // Browsers send it with every POST, so that a page of another origin is recognized.
    if (request.headers.origin !== `http://${request.headers.host}`) {
      return respond(response, 403, "Only the console itself may use its controls.")
    }
    const control = Object.hasOwn(controls, name) ? controls[name] : undefined
    if (control === undefined) return respond(response, 404, `There is no control ${name}.`)
    await control()
    respond(response, 204)
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // A name that a foreign site points at 127.0.0.1 is not this server's.
    if (!hosts.includes(request.headers.host ?? "")) return respond(response, 421, "This is the console of a demo.")
    const path = (request.url ?? "").replace(/\?.*/, "")
    if (path.startsWith("/-/controls/")) return runControl(request, response, path.slice("/-/controls/".length))
    if (request.method !== "GET") return respond(response, 405, "Send GET.")
    if (path === "/-/console") return sendPage(response)
    if (path === "/-/events") return sendEvents(feed, response)
    if (path !== "/") return respond(response, 404, "The console is at /-/console.")
    response.writeHead(302, { location: "/-/console" }).end()
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => respond(response, 500, String(error)))
  })
  server.listen(options.port, "127.0.0.1")
  await once(server, "listening").catch((cause: Error & { readonly code?: string }) => {
    const problem = cause.code === "EADDRINUSE" ? "another program uses it" : (cause.code ?? cause.message)
    throw new OptionError(`Cannot listen on port ${options.port}: ${problem}. Leave out --port for a free one.`)
  })
  const { port } = server.address() as AddressInfo
  hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  return {
    port,
    url: `http://127.0.0.1:${port}/-/console`,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      const closed = once(server, "close")
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}
