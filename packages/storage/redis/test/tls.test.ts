import { RedisStorage } from "@tokenkeep/storage-redis"
import { freePort, startServer } from "redis-servers"
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { runFixture } from "./support/child.ts"
import { failureOf, open } from "./support/open.ts"

describe.skipIf(noRedis)("rediss://", () => {
  let folder: string
  let cert: string
  let key: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "redis-tls-"))
    cert = join(folder, "cert.pem")
    key = join(folder, "key.pem")
    const kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    execFileSync("openssl", [...kind, "-keyout", key, "-out", cert, ...subject], { stdio: "ignore" })
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const startTls = async () => {
    const port = await freePort()
    const files = { "tls-cert-file": cert, "tls-key-file": key, "tls-auth-clients": "no" }
    const server = await startServer({ config: { ...files, "tls-port": `${port}` } })
    return { url: `rediss://localhost:${port}`, [Symbol.asyncDispose]: server.stop }
  }

  it("fails if the certificate is not trusted", async () => {
    await using server = await startTls()
    await using storage = await open(RedisStorage.layer({ url: server.url }))
    expect(await failureOf(storage.load("a"))).toMatch(/ (DEPTH_ZERO_)?SELF_SIGNED_CERT/)
  })

  it("works if Node trusts the issuer of the certificate", async () => {
    await using server = await startTls()
    const { code, printed } = await runFixture(new URL("./fixtures/pendingCommand.ts", import.meta.url), [server.url], {
      ...process.env,
      NODE_EXTRA_CA_CERTS: cert
    })
    expect(printed.trim()).toBe("loaded")
    expect(code).toBe(0)
  })
})
