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

interface TestServer {
  /** With a trailing slash. */
  readonly url: string
  /** All connections, closed ones included. */
  readonly sockets: ReadonlyArray<Socket>
  readonly open: () => number
}

type AnyServer = Server | Http2SecureServer

const listen = async (server: AnyServer, scheme: "http" | "https"): Promise<TestServer> => {
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

/** An HTTP server that is closed after the test. */
export const http = (listener: RequestListener): Promise<TestServer> => listen(createServer(listener), "http")

const createCertificate = (): { readonly key: string; readonly cert: string } => {
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

let certificate: ReturnType<typeof createCertificate> | undefined

/** A certificate for localhost that is trusted only if a client lists it. */
export const selfSigned = () => (certificate ??= createCertificate())

/** A server with that certificate. */
export const https = (listener: RequestListener): Promise<TestServer> =>
  listen(createTlsServer(selfSigned(), listener), "https")

/** A server with that certificate for HTTP/2, and for HTTP/1.1 if the client does not support HTTP/2. */
export const http2 = (listener: RequestListener): Promise<TestServer> =>
  listen(createSecureServer({ ...selfSigned(), allowHTTP1: true }, listener as never), "https")

/** A proxy that opens tunnels, and records their targets. */
export const tunnelling = async (): Promise<TestServer & { readonly tunnels: ReadonlyArray<string> }> => {
  const tunnels: Array<string> = []
  const server = createServer()
  server.on("connect", (request, socket, head) => {
    tunnels.push(`${request.url} ${request.headers["proxy-authorization"]} ${request.headers.authorization}`)
    const [host = "", port] = request.url?.split(":") ?? []
    const upstream = connect(Number(port), host === "localhost" ? "127.0.0.1" : host, () => {
      socket.write("HTTP/1.1 200 Connected\r\n\r\n")
      upstream.write(head)
      upstream.pipe(socket).pipe(upstream)
    })
    upstream.on("error", () => socket.destroy())
    socket.on("error", () => upstream.destroy())
  })
  return { ...(await listen(server, "http")), tunnels }
}

/** A port on which no server listens. */
export const closedPort = async (): Promise<number> => {
  const server = createTcpServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}
