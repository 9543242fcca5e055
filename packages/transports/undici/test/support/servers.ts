import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer, type RequestListener, type Server } from "node:http"
import { createSecureServer, type Http2SecureServer } from "node:http2"
import { createServer as createTlsServer } from "node:https"
import { type AddressInfo, createServer as createTcpServer, connect, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"

interface Listening {
  /** Ends in a slash. */
  readonly url: string
  /** Every connection so far. */
  readonly sockets: ReadonlyArray<Socket>
  readonly open: () => number
}

type AnyServer = Server | Http2SecureServer

const listening = async (server: AnyServer, scheme: "http" | "https"): Promise<Listening> => {
  const sockets: Array<Socket> = []
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => undefined)
    sockets.push(socket)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const host = scheme === "https" ? "localhost" : "127.0.0.1"
  return { url: `${scheme}://${host}:${port}/`, sockets, open: () => sockets.filter(({ closed }) => !closed).length }
}

/** A plain server that ends with the test. */
export const http = (listener: RequestListener): Promise<Listening> => listening(createServer(listener), "http")

const made = (): { readonly key: string; readonly cert: string } => {
  const folder = mkdtempSync(join(tmpdir(), "certificate-"))
  try {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")]
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    const out = ["-nodes", "-days", "1", "-keyout", key, "-out", cert]
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    execFileSync("openssl", ["req", "-x509", ...curve, ...out, ...subject], { stdio: "ignore" })
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

let certificate: ReturnType<typeof made> | undefined

/** A certificate for localhost that nobody trusts who is not told to. */
export const selfSigned = () => (certificate ??= made())

/** A server with that certificate. */
export const https = (listener: RequestListener): Promise<Listening> =>
  listening(createTlsServer(selfSigned(), listener), "https")

/** A server that speaks HTTP/2 with that certificate, and HTTP/1.1 with whoever cannot. */
export const http2 = (listener: RequestListener): Promise<Listening> =>
  listening(createSecureServer({ ...selfSigned(), allowHTTP1: true }, listener as never), "https")

/** A proxy that makes tunnels, and notes where to. */
export const tunnelling = async (): Promise<Listening & { readonly tunnels: ReadonlyArray<string> }> => {
  const tunnels: Array<string> = []
  const server = createServer()
  server.on("connect", (request, socket, head) => {
    tunnels.push(`${request.url} ${request.headers["proxy-authorization"]} ${request.headers.authorization}`)
    const [host = "", port] = request.url?.split(":") ?? []
    const onward = connect(Number(port), host === "localhost" ? "127.0.0.1" : host, () => {
      socket.write("HTTP/1.1 200 Connected\r\n\r\n")
      onward.write(head)
      onward.pipe(socket).pipe(onward)
    })
    onward.on("error", () => socket.destroy())
    socket.on("error", () => onward.destroy())
  })
  return { ...(await listening(server, "http")), tunnels }
}

/** A port that nobody listens on. */
export const closedPort = async (): Promise<number> => {
  const server = createTcpServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}
