import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** When a certificate is valid, in days from now, and for which host. */
export interface Validity {
  readonly from: number
  readonly until: number
  readonly name?: string
}

const instant = (days: number): string =>
  `${new Date(Date.now() + days * 86_400_000).toISOString().replaceAll(/[-:T]/g, "").slice(0, 14)}Z`

/** `openssl ca` is the only command of all versions that makes a certificate which has ended. */
const settings = `[ca]
default_ca = own
[own]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
`

/** Writes `key.pem` and `cert.pem`, which is its own issuer. */
const makeCertificate = (folder: string, { from, name = "localhost", until }: Validity) => {
  const openssl = (line: string) => execFileSync("openssl", line.split(" "), { cwd: folder, stdio: "pipe" })
  writeFileSync(join(folder, "index.txt"), "")
  writeFileSync(join(folder, "serial"), "01")
  writeFileSync(join(folder, "ca.cnf"), settings)
  const key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem"
  openssl(`req ${key} -subj /CN=${name} -addext subjectAltName=DNS:${name} -out request.pem`)
  const validity = `-startdate ${instant(from)} -enddate ${instant(until)}`
  openssl(`ca -batch -config ca.cnf -selfsign -keyfile key.pem -in request.pem -out cert.pem -notext ${validity}`)
}

/** A real https server on loopback, which rejects every request as the Deeply API does without a token. */
export const startTls = async (validity: Validity) => {
  const folder = mkdtempSync(join(tmpdir(), "tls-server-"))
  makeCertificate(folder, validity)
  const read = (file: string) => readFileSync(join(folder, file))
  const server = createServer({ key: read("key.pem"), cert: read("cert.pem") }, (_, response) =>
    response.writeHead(403, { "content-type": "application/json" }).end("{}")
  )
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve))
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    cert: join(folder, "cert.pem"),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true })
    }
  }
}
