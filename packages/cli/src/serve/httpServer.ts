import { TokenkeepError } from "@tokenkeep/core"
import { once } from "node:events"
import { chmod, lstat, unlink } from "node:fs/promises"
import { createServer, type RequestListener, type Server } from "node:http"
import { type AddressInfo, connect } from "node:net"
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

/** Makes the server, which does not listen yet. `idleTimeout` is for connections on which nothing moves, in milliseconds. */
export const makeServer = (listener: RequestListener, idleTimeout: number): Server => {
  const server = createServer(limits, listener)
  server.maxConnections = maxConnections
  // A caller that neither sends nor reads ends here: its request is aborted, and the API's connection is free.
  server.setTimeout(idleTimeout)
  return refuseTunnels(server)
}

/** Whether no process listens on a socket: a process that was killed leaves its file behind. Other files are not touched. */
const isAbandoned = async (path: string): Promise<boolean> => {
  if (!(await lstat(path)).isSocket()) return false
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once("connect", () => {
      probe.destroy()
      resolve(false)
    })
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"))
  })
}

const inUse = (address: ListenAddress) =>
  new UsageError(
    `${shownAddress(address)} is in use.`,
    "Stop the process that listens there, or use another address with --listen."
  )

const unusable = (address: ListenAddress, { code = "" }: NodeJS.ErrnoException) =>
  TokenkeepError.of(
    { _tag: "ConfigInvalid", option: "listen" },
    {
      what: `Cannot listen on ${shownAddress(address)} (${code}).`,
      fix: "Check that the address is one of this machine, that the directory exists, and that this user may use it."
    }
  )

const listenOnce = async (server: Server, address: ListenAddress): Promise<void> => {
  if (address._tag === "Socket") server.listen({ path: address.path })
  else server.listen({ host: address.host, port: address.port, backlog: 1_024 })
  await once(server, "listening")
}

/** Listens, and returns the address with the port that was free. Only this user may use a socket. */
export const listenOn = async (server: Server, address: ListenAddress): Promise<ListenAddress> => {
  try {
    await listenOnce(server, address)
  } catch (error) {
    const cause = error as NodeJS.ErrnoException
    if (cause.code !== "EADDRINUSE") throw unusable(address, cause)
    if (address._tag !== "Socket" || !(await isAbandoned(address.path))) throw inUse(address)
    await unlink(address.path)
    await listenOnce(server, address)
  }
  if (address._tag === "Tcp") return { ...address, port: (server.address() as AddressInfo).port }
  await chmod(address.path, 0o600)
  return address
}

/** How often connections are looked for that have become idle, in milliseconds. */
const idleCheck = 50

/** Ends the server: idle connections at once, the others after their request, and all when the grace is over. */
export const closeServer = async (server: Server, grace: number): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const checking = setInterval(() => server.closeIdleConnections(), idleCheck)
  const ending = setTimeout(() => server.closeAllConnections(), grace)
  await closed
  clearInterval(checking)
  clearTimeout(ending)
}
