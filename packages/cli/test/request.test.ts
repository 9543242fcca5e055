import { writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { once } from "node:events"
import { describe, expect, it } from "vitest"
import { cli, startCli, temporaryHome } from "./support/startCli.ts"
import { startTls } from "./support/tlsServer.ts"
import { withFake } from "./support/withFake.ts"

/** A port on which no server listens. */
const freePort = async (): Promise<number> => {
  const server = createServer()
  await once(server.listen(0, "127.0.0.1"), "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}

/** An API behind the fake token endpoint that shows what it received. */
const withEcho = async () => {
  const given = await withFake()
  const received: Array<{
    readonly method?: string
    readonly url?: string
    readonly type?: string
    readonly body: string
  }> = []
  const server = createServer(async (incoming, outgoing) => {
    if (incoming.url === "/api/v1/auth/reissue") {
      const headers = { authorization: incoming.headers.authorization ?? "" }
      const response = await fetch(`${given.fake.url}/api/v1/auth/reissue`, { headers })
      outgoing.writeHead(response.status, { "content-type": "application/json" }).end(await response.text())
      return
    }
    const { headers, method, url } = incoming
    received.push({ method, url, type: headers["content-type"], body: await text(incoming) } as never)
    if (url === "/cut") {
      outgoing.writeHead(200, { "content-length": 100 }).write("part")
      setTimeout(() => outgoing.destroy(), 50)
      return
    }
    if (url === "/reset") return void outgoing.destroy()
    if (url === "/large") {
      const chunk = Buffer.alloc(64 * 1024, "x")
      outgoing.writeHead(200)
      for (let sent = 0; sent < 64 && !outgoing.destroyed; sent += 1) {
        if (!outgoing.write(chunk)) await Promise.race([once(outgoing, "drain"), once(outgoing, "close")])
      }
      outgoing.end()
      return
    }
    outgoing.writeHead(url === "/broken" ? 503 : 201, { "x-echo": "yes" }).end("done")
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const { port } = server.address() as AddressInfo
  return {
    received,
    options: { ...given.options, env: { ...given.options.env, DEEPLY_HOST: `http://127.0.0.1:${port}` } },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await given[Symbol.asyncDispose]()
    }
  }
}

describe("tokenkeep request", () => {
  it("ends at the first signal while it reads a body from stdin", async () => {
    await using given = await withEcho()
    const { child, result } = startCli(["request", "POST", "/x", "-d", "@-"], { ...given.options, input: null })
    // More than a pipe holds, so it was read.
    await new Promise((resolve) => child.stdin?.write("x".repeat(1_000_000), resolve))
    child.kill("SIGTERM")
    expect((await result).code).toBe(130)
    expect(given.received).toEqual([])
  })

  it("prints the body of an authorized request", async () => {
    await using given = await withFake()
    const { code, stderr, stdout } = await cli(["request", "GET", "/api/v1/mics?size=1"], given.options)
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(JSON.parse(stdout).results).toHaveLength(1)
  })

  it("sends method, headers and body, also from stdin, and prints the head with -i", async () => {
    await using given = await withEcho()
    const args = ["request", "post", "/orders", "-H", "Content-Type: text/csv", "-i", "-d"]
    const first = await cli([...args, "a,b"], given.options)
    const second = await cli([...args, "@-"], { ...given.options, input: "c,d" })
    expect(first.stdout).toMatch(/^HTTP 201 Created\n(?:.+\n)*x-echo: yes\n(?:.+\n)*\ndone$/)
    expect(second.code).toBe(0)
    expect(given.received).toEqual([
      { method: "POST", url: "/orders", type: "text/csv", body: "a,b" },
      { method: "POST", url: "/orders", type: "text/csv", body: "c,d" }
    ])
  })

  it("ends with 4 or 5 by the status, and with --fail prints no body", async () => {
    await using given = await withEcho()
    const broken = await cli(["request", "GET", "/broken"], given.options)
    const failed = await cli(["request", "GET", "/broken", "--fail"], given.options)
    expect(broken).toMatchObject({ code: 5, stdout: "done" })
    expect(failed).toMatchObject({ code: 5, stdout: "" })
    expect(failed.stderr).toContain("503")
    const quiet = await cli(["request", "GET", "/broken", "--quiet"], given.options)
    expect(quiet).toEqual({ code: 5, stdout: "done", stderr: "" })
    await using other = await withFake()
    expect(await cli(["request", "GET", "/nowhere"], other.options)).toMatchObject({ code: 4 })
  })

  it("ends quietly when the reader of stdout ends, as with head", async () => {
    await using given = await withEcho()
    const { child, result } = startCli(["request", "GET", "/large"], given.options)
    child.stdout?.once("data", () => child.stdout?.destroy())
    const { code, stderr } = await result
    expect({ code, stderr }).toEqual({ code: 141, stderr: "" })
  })

  it("keeps the token to the API: another origin is refused, and so is an own Authorization", async () => {
    await using given = await withFake()
    const other = await cli(["request", "GET", "https://other.test/"], given.options)
    expect(other.code).not.toBe(0)
    expect(other.stderr).toMatch(/fix:/)
    const own = await cli(["request", "GET", "/api/v1/mics", "-H", "authorization: Bearer x"], given.options)
    expect(own).toMatchObject({ code: 2, stdout: "" })
    expect(given.fake.stats.requests).toBe(0)
  })

  const failure = (what: string, fix: string) =>
    new RegExp(
      `^tokenkeep: TRANSPORT_FAILED: The request to ${what}\\.\n {2}fix: {3}${fix}\n {2}page: {2}\\S+errors\\.md#TRANSPORT_FAILED\n$`
    )

  it.each([
    ["/reset", ""],
    ["/cut", "part"]
  ])("reports a connection that breaks as other commands do: %s", async (path, stdout) => {
    await using given = await withEcho()
    const { stderr, ...rest } = await cli(["request", "GET", path], given.options)
    expect(rest).toEqual({ code: 1, stdout })
    expect(stderr).toMatch(
      failure(`${given.options.env.DEEPLY_HOST} failed \\(UND_ERR_SOCKET\\)`, "The connection was closed. Try again\\.")
    )
  })

  it("reports a connection that fails, with the advice for its code", async () => {
    await using tls = await startTls({ from: -1, until: 1 })
    const port = await freePort()
    const issuer = createServer((_, response) =>
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ access_token: "token-1-5b2c", token_type: "Bearer", expires_in: 600 }))
    )
    await once(issuer.listen(0, "127.0.0.1"), "listening")
    const tokenEndpoint = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/token`
    using home = temporaryHome()
    const requestTo = async (baseUrl: string) => {
      const client = { id: "app", secret: { env: "CRM_SECRET" } }
      const profile = { type: "oauth2", baseUrl, tokenEndpoint, client, grant: { type: "client_credentials" } }
      writeFileSync(join(home.path, "tokenkeep.config.json"), JSON.stringify({ profiles: { crm: profile } }))
      const env = { CRM_SECRET: "secret-of-the-tests-2f6c1d" }
      const { code, stderr } = await cli(["request", "POST", "/?key=sk-canary-0123456789"], { home: home.path, env })
      expect(code).toBe(1)
      return stderr
    }
    expect(await requestTo(`http://127.0.0.1:${port}`)).toMatch(
      failure(`http://127.0.0.1:${port} failed \\(ECONNREFUSED\\)`, "Check that the server is running and .+")
    )
    expect(await requestTo("https://nowhere.invalid")).toMatch(
      failure("https://nowhere.invalid failed \\((?:ENOTFOUND|EAI_AGAIN)\\)", "Check the host name, .+")
    )
    expect(await requestTo(tls.url)).toMatch(
      failure(`${tls.url} failed \\(DEPTH_ZERO_SELF_SIGNED_CERT\\)`, "Check the host name, .+ TLS certificate\\.")
    )
    issuer.closeAllConnections()
    issuer.close()
  })

  it.each(["FO O()", "CONNECT", "trace", "TRACK", ""])(
    "refuses the method %j before anything is sent",
    async (method) => {
      await using given = await withFake()
      const { code, stderr } = await cli(["request", method, "/"], given.options)
      expect(code).toBe(2)
      expect(stderr).toMatch(/^tokenkeep: The argument 'method' is not a method that can be sent\.\n {2}fix: /)
      expect(given.fake.stats.requests + given.fake.stats.issued).toBe(0)
    }
  )

  it.each([
    [["-H", "no colon"], "no colon"],
    [["-H", "Grüße: x"], "not valid"],
    [["-d", "@/nowhere/at/all"], "ENOENT"]
  ])("refuses %j before anything is sent", async (args, why) => {
    await using given = await withFake()
    const { code, stderr } = await cli(["request", "POST", "/api/v1/mics", ...args], given.options)
    expect(code).toBe(2)
    expect(stderr).toContain(why)
    expect(given.fake.stats.requests + given.fake.stats.issued).toBe(0)
  })
})
