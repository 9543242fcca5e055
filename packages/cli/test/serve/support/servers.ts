import { createDeeply } from "@tokenkeep/deeply"
import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net"
import { onTestFinished } from "vitest"
import type { SidecarOptions } from "../../../src/serve/SidecarOptions.ts"
import { startSidecar } from "../../../src/serve/startSidecar.ts"

const listenOn = async (server: ReturnType<typeof createTcpServer>): Promise<string> => {
  const sockets = new Set<Socket>()
  server.on("connection", (socket: Socket) => {
    sockets.add(socket)
    socket.on("error", () => undefined)
    socket.once("close", () => sockets.delete(socket))
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An API that issues tokens, and passes every other request to the listener. */
export const api = async (listener: RequestListener): Promise<string> => {
  let issued = 0
  return listenOn(
    createServer((request, response) => {
      request.on("error", () => undefined)
      response.on("error", () => undefined)
      if (request.url?.endsWith("/api/v1/auth/reissue") !== true) return listener(request, response)
      issued += 1
      response
        .setHeader("content-type", "application/json")
        .end(JSON.stringify({ access_token: `token-${issued}-5b2c` }))
    })
  )
}

const tokenReply = JSON.stringify({ access_token: "token-1-5b2c" })

/** An API that issues tokens, and leaves every other connection to the handler, after its request head has arrived. */
export const rawApi = async (handle: (socket: Socket) => void): Promise<string> =>
  listenOn(
    createTcpServer((socket) =>
      socket.on("data", (data) => {
        if (!data.toString().includes("/auth/reissue")) return handle(socket)
        socket.write(
          `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${tokenReply.length}\r\n\r\n${tokenReply}`
        )
      })
    )
  )

/** A sidecar of the API at `url` that ends with the test. */
export const sidecarOf = async (
  url: string,
  { apiKey = "sk-live-2f6c1d", ...options }: Partial<SidecarOptions> & { readonly apiKey?: string } = {}
) => {
  const sidecar = await startSidecar({
    listen: "127.0.0.1:0",
    connect: (adapters) =>
      createDeeply({ apiKey, host: { name: "test", baseUrl: url, allowInsecureHttp: true }, ...adapters }),
    ...options
  })
  onTestFinished(async () => void (await sidecar.close({ grace: 0 })))
  return sidecar
}

/** A sidecar in front of a listener. */
export const sidecarBefore = async (listener: RequestListener, options: Partial<SidecarOptions> = {}) =>
  sidecarOf(await api(listener), options)

/** A connection that collects what it receives as Latin-1. */
export const rawConnection = async (url: string) => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, "connect")
  onTestFinished(() => void socket.destroy())
  let received = ""
  let hasEnded = false
  let error: NodeJS.ErrnoException | undefined
  socket.setEncoding("latin1")
  socket.on("data", (text: string) => (received += text))
  socket.on("error", (cause) => (error = cause))
  socket.on("close", () => (hasEnded = true))
  return {
    socket,
    received: () => received,
    error: () => error,
    send: (...lines: ReadonlyArray<string>) => socket.write(lines.join("\r\n"), "latin1"),
    /** Waits for what was received to match, or for the end of the connection. */
    until: async (pattern: RegExp): Promise<string> => {
      while (!pattern.test(received) && !hasEnded) await new Promise((resolve) => setTimeout(resolve, 5))
      return received
    },
    untilEnd: async (): Promise<string> => {
      while (!hasEnded) await new Promise((resolve) => setTimeout(resolve, 5))
      return received
    }
  }
}

/** Polls a condition. The timeout of the test ends it. */
export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** The error that the sidecar responded with. */
export const errorOf = async (response: Response): Promise<{ readonly status: number; readonly code: string }> => {
  const { error } = (await response.json()) as { readonly error: { readonly code: string; readonly fix: string } }
  if (response.headers.get("tokenkeep-error") !== error.code || error.fix === "")
    throw new Error("the error is incomplete")
  return { status: response.status, code: error.code }
}
