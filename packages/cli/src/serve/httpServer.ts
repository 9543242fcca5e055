import { TokenkeepError } from "@tokenkeep/core"
import { once } from "node:events"
import { lstat, unlink } from "node:fs/promises"
import { createServer, type RequestListener, type Server } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"
import { clearInterval, clearTimeout, setInterval, setTimeout } from "node:timers"
import { UsageError } from "../output/UsageError.ts"
import { type ListenAddress, shownAddress } from "./listenAddress.ts"

const kibibyte = 1024

/** Limits that a caller meets. Each closes the connection of a caller that is broken, and of no other. */
const limits = {
  /** A longer head gets 431. */
  maxHeaderSize: 32 * kibibyte,
  /** A head that takes longer gets 408. */
  headersTimeout: 30_000,
  /** A body may take any time, as long as it goes on: a large one over a slow line is no fault. */
  requestTimeout: 0,
  /** Longer than clients keep idle connections, so that none sends on one that was just closed. */
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 5_000
} as const

/** An idle connection costs about 10 KiB; more connections than this are closed at once. */
const maxConnections = 16_384

/** Responds to a request for a tunnel, which needs no token. */
const refuseTunnels = (server: Server) =>
  server.on("connect", (_, socket) => {
    socket.on("error", () => undefined)
    socket.end("HTTP/1.1 405 Method Not Allowed\r\nallow: GET\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
  })

/** The connections of each server without a request, or with an incomplete one: Node counts only some of them as idle. */
const waiting = new WeakMap<Server, Set<Socket>>()

const trackSockets = (server: Server): void => {
  const sockets = new Set<Socket>()
  waiting.set(server, sockets)
  server.on("connection", (socket: Socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  server.on("request", ({ socket }, response) => {
    sockets.delete(socket)
    response.once("close", () => {
      if (!socket.destroyed) sockets.add(socket)
    })
  })
}

const closeIdle = (server: Server): void => {
  server.closeIdleConnections()
  for (const socket of waiting.get(server) ?? []) socket.destroy()
}

/** Makes the server, which does not listen yet. `idleTimeout` is for connections on which nothing moves, in milliseconds. */
export const makeServer = (listener: RequestListener, idleTimeout: number): Server => {
  const server = createServer(limits, listener)
  server.maxConnections = maxConnections
  trackSockets(server)
  // A caller that neither sends nor reads ends here: its request is aborted, and the API's connection is free.
  server.setTimeout(idleTimeout)
  return refuseTunnels(server)
}

type SocketAddress = Extract<ListenAddress, { readonly _tag: "Socket" }>

/** Whether no process listens on a socket: the connection is refused. */
const isAbandoned = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(path)
    probe.once("connect", () => {
      probe.destroy()
      resolve(false)
    })
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"))
  })

const invalid = (what: string, fix: string) =>
  TokenkeepError.of({ _tag: "ConfigInvalid", option: "listen" }, { what, fix })

const unusable = (address: ListenAddress, { code = "" }: NodeJS.ErrnoException) =>
  code === "EADDRINUSE"
    ? new UsageError(
        `Another process listens on ${shownAddress(address)}.`,
        "Stop it, or use another address with --listen."
      )
    : invalid(
        `Cannot listen on ${shownAddress(address)}: ${code}.`,
        address._tag === "Tcp"
          ? "Check that the address is one of this machine, and that this user may use the port."
          : "Check that the directory exists, and that this user may write to it."
      )

/** The longest path that every system takes, in bytes. Node 22 cuts a longer one. */
const longestSocketPath = 103

/** Removes the socket that a killed process left behind. Nothing else is touched: the path may be a mistake. */
const removeAbandoned = async (address: SocketAddress): Promise<void> => {
  const { path } = address
  if (Buffer.byteLength(path) > longestSocketPath) {
    throw invalid("The path of --listen is too long.", `Use one of at most ${longestSocketPath} bytes.`)
  }
  // Listening reports what is wrong with the path.
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isSocket()) {
    throw invalid("The path of --listen exists, and is not a socket.", "Remove it, or use another path.")
  }
  if (await isAbandoned(path)) await unlink(path)
}

/** Only this user may use a socket. It is bound within the call, so no other user can connect before its mode is set. */
const listenPrivately = (server: Server, path: string): void => {
  const mask = process.umask(0o177)
  try {
    server.listen({ path })
  } finally {
    process.umask(mask)
  }
}

/** Listens, and returns the address with the port that was free. */
export const listenOn = async (server: Server, address: ListenAddress): Promise<ListenAddress> => {
  try {
    if (address._tag === "Socket") {
      await removeAbandoned(address)
      listenPrivately(server, address.path)
    } else server.listen({ host: address.host, port: address.port, backlog: 1_024 })
    await once(server, "listening")
  } catch (error) {
    throw error instanceof TokenkeepError ? error : unusable(address, error as NodeJS.ErrnoException)
  }
  return address._tag === "Tcp" ? { ...address, port: (server.address() as AddressInfo).port } : address
}

/** How often connections are looked for that have become idle, in milliseconds. */
const idleCheck = 50

/**
 * Ends the server: idle connections at once, the others after their request, and all when the grace is over. `onGraceEnd`
 * is called before these are closed.
 */
export const closeServer = async (server: Server, grace: number, onGraceEnd: () => void): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const checking = setInterval(() => closeIdle(server), idleCheck)
  const ending = setTimeout(() => {
    onGraceEnd()
    server.closeAllConnections()
  }, grace)
  await closed
  clearInterval(checking)
  clearTimeout(ending)
}
