import { createDeeply } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { spawn } from "node:child_process"
import { readFileSync, statSync, writeFileSync } from "node:fs"
import { mkdtemp, rm, stat, symlink } from "node:fs/promises"
import { createServer, request as nodeRequest } from "node:http"
import { once } from "node:events"
import { createServer as createTcpServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { listenOn } from "../../src/serve/httpServer.ts"
import { probe } from "../../src/serve/probe.ts"
import type { SidecarOptions } from "../../src/serve/SidecarOptions.ts"
import { startSidecar } from "../../src/serve/startSidecar.ts"
import { errorOf, rawConnection, sidecarBefore } from "./support/servers.ts"

const secret = "correct-horse-battery"

/** Requests with the headers as they are: fetch sets some of them itself. */
const get = (url: string, headers: Record<string, string>, path = "/x", method = "GET") =>
  new Promise<{ readonly status: number; readonly code: string | undefined }>((resolve, reject) => {
    const sent = nodeRequest(new URL(path, url), { method, headers }, (response) => {
      response.resume()
      resolve({ status: response.statusCode ?? 0, code: response.headers["tokenkeep-error"]?.toString() })
    })
    sent.once("error", reject)
    sent.end()
  })

/** Counts what reaches the API. */
const counted = async (options: Partial<SidecarOptions> = {}) => {
  const reached: Array<string> = []
  const { url } = await sidecarBefore((request, response) => {
    reached.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    response.end()
  }, options)
  return { url, reached }
}

describe("who may call the sidecar", () => {
  it.each(["localhost", "localhost:9", "127.0.0.1", "127.9.9.9:1", "[::1]:80", "app.localhost"])(
    "a caller with the host %s",
    async (host) => {
      const { url } = await counted()
      expect(await get(url, { host })).toEqual({ status: 200, code: undefined })
    }
  )

  it.each([
    "evil.test",
    "127.0.0.1.evil.test",
    "localhost.evil.test:8787",
    "192.168.1.5",
    "[::2]",
    "a@localhost",
    "local host"
  ])("not a caller with the host %j, on any path", async (host) => {
    const { reached, url } = await counted({ allowToken: true })
    for (const path of ["/x", "/-/token", "/-/console", "/-/health"]) {
      expect(await get(url, { host }, path)).toEqual({ status: 421, code: "HOST_UNKNOWN" })
    }
    expect(reached).toEqual([])
  })

  it("a caller with a host that is named", async () => {
    const { url } = await counted({ hosts: ["Tokenkeep.internal"] })
    expect((await get(url, { host: "tokenkeep.INTERNAL:80" })).status).toBe(200)
  })

  it.each<[string, Record<string, string>]>([
    ["a page of another site", { origin: "https://evil.test" }],
    ["a page of another port", { origin: "http://127.0.0.1:1" }],
    ["a page without an origin", { origin: "null" }],
    ["an image of another site", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
    ["an image of another port", { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" }],
    ["a link of another site", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }]
  ])("not %s, on any path", async (_, headers) => {
    const { reached, url } = await counted({ allowToken: true })
    for (const path of ["/x", "/-/token", "/-/events", "/-/metrics"]) {
      expect(await get(url, headers, path)).toEqual({ status: 403, code: "ORIGIN_FOREIGN" })
    }
    expect(reached).toEqual([])
  })

  it("a page of its own, a browser's address bar, and a link to the console", async () => {
    const { url } = await counted()
    const { host } = new URL(url)
    expect((await get(url, { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" })).status).toBe(200)
    expect((await get(url, { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" })).status).toBe(200)
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }
    expect((await get(url, link, "/-/console")).status).toBe(200)
  })

  it("SEC-1: with a secret, a caller that sends it, which is not passed on", async () => {
    const { reached, url } = await counted({ secret })
    const wrong = ["", "Bearer", `Bearer ${secret}x`, `Bearer ${secret.slice(1)}`, `Basic ${secret}`, secret]
    for (const authorization of wrong) {
      for (const path of ["/x", "/-/health", "/-/console"]) {
        expect(await get(url, { authorization }, path)).toEqual({ status: 401, code: "SECRET_WRONG" })
      }
    }
    expect(reached).toEqual([])
    expect((await get(url, { authorization: `bearer ${secret}` })).status).toBe(200)
    expect(reached).toEqual(["GET /x Bearer token-1-5b2c"])
  })

  it.each<[string, Partial<SidecarOptions>, string, string?]>([
    ["every address", { listen: "0.0.0.0:0" }, "listen"],
    ["every address in IPv6", { listen: "[::]:0", secret }, "listen"],
    ["another name", { listen: "gateway.test:80", secret }, "listen"],
    ["every address without a secret", { listen: "0.0.0.0:0", listenAnywhere: true }, "secret"],
    ["a short secret", { secret: "short" }, "secret"],
    ["a secret that no header can carry", { secret: "with a space inside" }, "secret"],
    ["no address", { listen: "127.0.0.1" }, "listen"],
    ["a port that does not exist", { listen: "127.0.0.1:70000" }, "listen"],
    ["an address of another machine", { listen: "192.0.2.1:80", listenAnywhere: true, secret }, "listen"],
    ["a directory that does not exist", { listen: "/no/such/directory/socket" }, "listen"],
    ["a URL as a name", { hosts: ["sidecar", "http://sidecar"] }, "hosts"],
    ["a name with a port", { hosts: ["sidecar:8787"] }, "hosts"],
    ["a rule without a method", { allow: ["/x"] }, "allow", "The rule of --allow does not start with a method"],
    ["a method in small letters", { allow: ["get /x"] }, "allow", "in capitals"],
    ["a rule without a path", { allow: ["GET"] }, "allow", "has no path"],
    [
      "a rule without a slash",
      { allow: ["GET /x", "GET x"] },
      "allow",
      "Rule 2 of --allow has a path that does not start with"
    ],
    ["a rule with a space", { allow: ["GET /x y"] }, "allow", "has a space in its path"],
    ["a rule with a query", { allow: ["GET /x?y=*"] }, "allow", "has a query"],
    ["a rule that no path matches", { allow: ["GET /x/../y"] }, "allow", "servers may read differently"],
    ["a rule with parameters", { allow: ["GET /x;y=*"] }, "allow", "servers may read differently"]
  ])("is refused at the start: %s", async (_, options, option, what = "") => {
    const started = startSidecar({
      connect: (adapters) => createDeeply({ apiKey: "sk-live-2f6c1d", ...adapters }),
      ...options
    })
    await expect(started).rejects.toMatchObject({ code: "CONFIG_INVALID", reason: { option } })
    await expect(started).rejects.toThrow(what)
    await expect(started).rejects.not.toThrow(secret)
  })

  it("listens for other machines with a secret, by address and not by an unknown name", async () => {
    const { url } = await counted({ listen: "0.0.0.0:0", listenAnywhere: true, secret, hosts: ["sidecar"] })
    expect(url).toMatch(/^http:\/\/sidecar:\d+$/)
    const local = url.replace("sidecar", "127.0.0.1")
    const authorization = `Bearer ${secret}`
    expect((await get(local, { authorization, host: "10.1.2.3:8787" })).status).toBe(200)
    expect((await get(local, { authorization, host: "sidecar:8787" })).status).toBe(200)
    expect((await get(local, { authorization, host: "evil.test" })).status).toBe(421)
    expect((await probe(`0.0.0.0:${new URL(url).port}`, { secret })).ready).toBe(true)
    expect((await probe(`0.0.0.0:${new URL(url).port}`)).ready).toBe(false)
  })
})

describe("the rules for requests", () => {
  const allow = ["GET /api/v1/*", "POST /api/v1/orders", "* /open", "GET /reports/*.pdf"]

  it.each([
    ["GET", "/api/v1/mics"],
    ["GET", "/api/v1/a/b.c?x=../y"],
    ["POST", "/api/v1/orders?x=1"],
    ["DELETE", "/open"],
    ["GET", "/api/v1/a%20b/%C3%A9.json/..x/.y/"],
    ["GET", "/api/v1/a,b:c@d+e=f&g$h!i~j'(k)*"],
    ["GET", "/reports/2026.pdf"]
  ])("allow %s %s", async (method, path) => {
    const { reached, url } = await counted({ allow })
    expect((await get(url, {}, path, method)).status).toBe(200)
    expect(reached).toHaveLength(1)
  })

  it.each([
    ["POST", "/api/v1/mics"],
    ["HEAD", "/api/v1/mics"],
    ["GET", "/api/v2/mics"],
    ["GET", "/API/v1/mics"],
    ["POST", "/api/v1/orders/1"],
    ["GET", "/open/x"],
    ["GET", "/api/v1/../admin"],
    ["GET", "/api/v1/%2e%2e/admin"],
    ["GET", "/api/v1/..%2fadmin"],
    ["GET", "/api/v1/..%5Cadmin"],
    ["GET", "/api/v1/%252e%252e/admin"],
    ["GET", "/api/v1/..;/admin"],
    ["GET", "/api/v1//admin"],
    ["GET", "/api/v1/\\..\\admin"],
    ["GET", "/api/v1/%"],
    ["GET", "/api/v1/.."],
    ["GET", "/api/v1/..%20/admin"],
    ["GET", "/api/v1/..%09/admin"],
    ["GET", "/api/v1/..%00/admin"],
    ["GET", "/api/v1/..%0d%0a/admin"],
    ["GET", "/api/v1/..%c2%a0/admin"],
    ["GET", "/api/v1/..%e2%80%8b/admin"],
    ["GET", "/api/v1/..%3b/admin"],
    ["GET", "/api/v1/..;a=b/admin"],
    ["GET", "/api/v1/..%253b/admin"],
    ["GET", "/api/v1/.../admin"],
    ["GET", "/api/v1/.%20./admin"],
    ["GET", "/api/v1/..%252f..%255cadmin"],
    ["GET", "/api/v1/%25252e%25252e/admin"],
    ["GET", "/api/v1/%u002e%u002e/admin"],
    ["GET", "/api/v1/%c0%ae%c0%ae/admin"],
    ["GET", "/api/v1/%ef%bc%8e%ef%bc%8e%ef%bc%8fadmin"],
    ["GET", "/api/v1/%e2%80%a4%e2%80%a4/admin"],
    ["GET", "/api/v1/x%2f..%2f..%2fadmin"],
    ["GET", "/api/v1/x%3f/admin"],
    ["GET", "/api/v1/x%23/admin"],
    ["GET", "/api/v1/x%20"],
    ["GET", "/api/v1/x."],
    ["GET", "/reports/secret.txt%00.pdf"],
    ["GET", "/reports/secret.txt;.pdf"]
  ])("refuse %s %s", async (method, path) => {
    const { reached, url } = await counted({ allow })
    const raw = await rawConnection(url)
    raw.send(`${method} ${path} HTTP/1.1`, "Host: localhost", "Connection: close", "", "")
    expect(await raw.untilEnd()).toMatch(/^HTTP\/1\.1 403 .*tokenkeep-error: NOT_ALLOWED/s)
    expect(reached).toEqual([])
  })
})

describe("the rules for requests: headers", () => {
  it.each([
    "X-HTTP-Method-Override",
    "x-method-override",
    "X-HTTP-Method",
    "X_HTTP_Method_Override",
    "X-Original-Method",
    "X-Forwarded-Method",
    "X-Original-URL",
    "X-Original-URI",
    "X-Rewrite-URL",
    "X-Override-URL",
    "X-Forwarded-Prefix",
    "X-Forwarded-Uri",
    "X-Forwarded-Path",
    "X-Envoy-Original-Path",
    "X-Script-Name",
    "SCRIPT_NAME",
    "Path-Info",
    "Destination",
    "X-HTTP-MethodOverride",
    "X-Verb",
    "X-Tunneled-Method",
    "X-HTTP-DestinationURL",
    "X-Real-Url",
    "Base-Url"
  ])("%s can replace what a rule allows, so the request is refused, and only with rules", async (name) => {
    const restricted = await counted({ allow: ["GET /api/*"] })
    const headers = { [name]: "DELETE" }
    expect(await get(restricted.url, headers, "/api/x")).toEqual({ status: 403, code: "NOT_ALLOWED" })
    expect(restricted.reached).toEqual([])
    const open = await counted()
    expect((await get(open.url, headers, "/api/x")).status).toBe(200)
  })

  it.each(["X-Forwarded-For", "X-Forwarded-Host", "X-Request-Id", "X-Callback-Url", "Access-Control-Request-Method"])(
    "%s is forwarded",
    async (name) => {
      const { url } = await counted({ allow: ["GET /api/*"] })
      expect((await get(url, { [name]: "x" }, "/api/x")).status).toBe(200)
    }
  )
})

describe("the address", () => {
  const folder = async () => {
    const path = await mkdtemp(join(tmpdir(), "sidecar-"))
    onTestFinished(() => rm(path, { recursive: true }))
    return path
  }

  const overSocket = (socketPath: string, path: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = nodeRequest({ socketPath, path, headers: { host: "any.name" } }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.once("error", reject)
      sent.end()
    })

  it("can be a Unix socket, which only this user may use, and which is removed at the end", async () => {
    await using fake = await startFakeDeeply()
    const path = join(await folder(), "sidecar.sock")
    const sidecar = await startSidecar({
      listen: path,
      connect: (adapters) => createDeeply({ apiKey: fake.apiKey, host: fake.host, ...adapters })
    })
    expect(sidecar.url).toBe(`unix:${path}`)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await overSocket(path, "/api/v1/mics")).toBe(200)
    expect((await probe(path)).ready).toBe(true)
    await sidecar.close()
    await expect(stat(path)).rejects.toThrow("ENOENT")
    expect(await probe(path)).toEqual({
      ready: false,
      detail: "No sidecar responds at the address of --listen: ENOENT."
    })
  })

  it("can be the socket that a killed process left behind, and not one that is in use", async () => {
    const path = join(await folder(), "sidecar.sock")
    const server = createTcpServer().listen(path)
    await once(server, "listening")
    const start = (listen: string) =>
      startSidecar({ listen, connect: (adapters) => createDeeply({ apiKey: "sk-live-2f6c1d", ...adapters }) })
    await expect(start(path)).rejects.toThrow("Another process listens")
    // A typing mistake must not delete a file.
    const file = `${path}.txt`
    writeFileSync(file, "precious")
    const link = `${path}.link`
    await symlink(path, link)
    for (const wrong of [file, link, await folder()]) {
      await expect(start(wrong)).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("exists, and is not a socket.")
      })
    }
    expect(readFileSync(file, "utf8")).toBe("precious")
    expect((await stat(path)).isSocket()).toBe(true)
    await expect(start(`/tmp/${"x".repeat(120)}`)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("at most 103 bytes")
    })
    const abandoned = `${path}.2`
    const program = "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))"
    await once(spawn(process.execPath, ["-e", program, abandoned]), "exit")
    expect((await stat(abandoned)).isSocket()).toBe(true)
    const sidecar = await start(abandoned)
    expect(sidecar.url).toBe(`unix:${abandoned}`)
    await sidecar.close()
    server.close()
  })

  it("is a socket that no other user can use, from its first moment on", async () => {
    const path = join(await folder(), "sidecar.sock")
    const server = createServer()
    let mode = 0
    server.once("listening", () => (mode = statSync(path).mode & 0o777))
    const before = process.umask(0)
    try {
      await listenOn(server, { _tag: "Socket", path })
      expect([mode, process.umask()]).toEqual([0o600, 0])
    } finally {
      process.umask(before)
      server.close()
    }
  })

  it("is refused while another process uses it", async () => {
    const server = createServer().listen(0, "127.0.0.1")
    await once(server, "listening")
    onTestFinished(() => void server.close())
    const { port } = server.address() as { readonly port: number }
    await expect(
      startSidecar({
        listen: `127.0.0.1:${port}`,
        connect: (adapters) => createDeeply({ apiKey: "sk-live-2f6c1d", ...adapters })
      })
    ).rejects.toMatchObject({ name: "UsageError", fix: expect.stringContaining("--listen") })
  })
})

describe("the sidecar's own pages", () => {
  it("show a token only if that is allowed", async () => {
    const hidden = await counted()
    expect(await errorOf(await fetch(`${hidden.url}/-/token`))).toEqual({ status: 403, code: "TOKEN_HIDDEN" })
    const shown = await counted({ allowToken: true })
    const response = await fetch(`${shown.url}/-/token`)
    expect(response.headers.get("cache-control")).toBe("no-store")
    expect(await response.json()).toMatchObject({ token: "token-1-5b2c" })
  })

  it("are never forwarded, and can only be read", async () => {
    const { reached, url } = await counted()
    expect(await errorOf(await fetch(`${url}/-/other`))).toEqual({ status: 404, code: "NOT_FOUND" })
    expect(await errorOf(await fetch(`${url}/-/constructor`))).toEqual({ status: 404, code: "NOT_FOUND" })
    expect(await errorOf(await fetch(`${url}/-/`))).toEqual({ status: 404, code: "NOT_FOUND" })
    expect(await errorOf(await fetch(`${url}/-/health`, { method: "POST" }))).toEqual({
      status: 405,
      code: "METHOD_NOT_ALLOWED"
    })
    expect(reached).toEqual([])
  })
})
