import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** A proxy between a client and a server whose connections can be slow, cut or silent. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** How long each chunk is delayed in either direction, in milliseconds. */
  delay: number
  /** Called with what a client sends and the connection's `reset`. If it returns `false`, the chunk is not forwarded. */
  onRequest: ((bytes: Buffer, reset: () => void) => boolean | void) | undefined
  /** The same for what the server sends. */
  onAnswer: ((bytes: Buffer, reset: () => void) => boolean | void) | undefined
  /** Resets every connection. */
  readonly reset: () => void
  /** Keeps the current connections open, but forwards nothing in either direction. */
  readonly silence: () => void
  /** How many connections clients have made. */
  readonly connections: () => number
  readonly stop: () => Promise<void>
}

interface Wire {
  readonly ends: ReadonlyArray<Socket>
  silent: boolean
}

export const startProxy = async (target: number): Promise<TcpProxy> => {
  const wires = new Set<Wire>()
  let made = 0

  const resetWire = (wire: Wire): void => {
    for (const end of wire.ends) end.resetAndDestroy()
  }

  const pass = (from: Socket, to: Socket, wire: Wire, hook: "onAnswer" | "onRequest"): void => {
    from.on("data", (bytes: Buffer) => {
      if (wire.silent || proxy[hook]?.(bytes, () => resetWire(wire)) === false) return
      if (proxy.delay === 0) to.write(bytes)
      else setTimeout(() => to.write(bytes), proxy.delay)
    })
    from.on("error", () => resetWire(wire))
    from.on("close", () => {
      wires.delete(wire)
      if (!wire.silent) to.destroy()
    })
  }

  const listener = createServer((client) => {
    made += 1
    const server = connect(target, "127.0.0.1")
    const wire: Wire = { ends: [client, server], silent: false }
    wires.add(wire)
    pass(client, server, wire, "onRequest")
    pass(server, client, wire, "onAnswer")
  }).listen(0, "127.0.0.1")
  await once(listener, "listening")
  const { port } = listener.address() as AddressInfo

  const stop = async () => {
    for (const wire of wires) resetWire(wire)
    await new Promise((resolve) => listener.close(resolve))
  }
  const proxy: TcpProxy = {
    port,
    url: `redis://127.0.0.1:${port}`,
    delay: 0,
    onRequest: undefined,
    onAnswer: undefined,
    reset: () => wires.forEach(resetWire),
    silence: () => wires.forEach((wire) => (wire.silent = true)),
    connections: () => made,
    stop,
    [Symbol.asyncDispose]: stop
  }
  return proxy
}
