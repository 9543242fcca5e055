import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { describe, expect, it } from "vitest"
import { clientOf, apis, rejection } from "./support/clients.ts"
import { ok, rawApi, rawServer } from "./support/servers.ts"

const withBothApis = (cases: ReadonlyArray<readonly [string, (elsewhere: string) => RequestInfo | URL]>) =>
  cases.flatMap(([name, input]) => apis.map(({ api, send }) => ({ name, input, api, send })))

const host = (url: string) => url.slice("http:".length)

describe("REQ-3: the token is sent only to the API's origin", () => {
  it.each(
    withBothApis([
      ["an absolute URL elsewhere", (elsewhere) => `${elsewhere}/api/v1/events`],
      ["a URL object elsewhere", (elsewhere) => new URL("/api/v1/events", elsewhere)],
      ["a Request elsewhere", (elsewhere) => new Request(`${elsewhere}/api/v1/events`)],
      ["a path with two slashes", (elsewhere) => `${host(elsewhere)}/x`],
      ["a path with two backslashes", (elsewhere) => `${host(elsewhere).replace("//", "\\\\")}/x`],
      ["a slash and a backslash", (elsewhere) => `${host(elsewhere).replace("//", "/\\")}/x`],
      ["a backslash and a slash", (elsewhere) => `${host(elsewhere).replace("//", "\\/")}/x`],
      ["a tab between the slashes", (elsewhere) => `${host(elsewhere).replace("//", "/\t/")}/x`],
      ["a line break between the slashes", (elsewhere) => `${host(elsewhere).replace("//", "/\n/")}/x`],
      ["a leading space", (elsewhere) => ` ${host(elsewhere)}/x`],
      ["a leading NUL", (elsewhere) => `\0${host(elsewhere)}/x`],
      ["a leading control character and a scheme", (elsewhere) => `\u0001${elsewhere}/x`],
      ["a scheme without slashes", (elsewhere) => elsewhere.replace("//", "")],
      ["a scheme with one slash", (elsewhere) => elsewhere.replace("//", "/")],
      ["a scheme in capitals", (elsewhere) => elsewhere.replace("http", "HTTP")],
      ["a broken scheme", (elsewhere) => elsewhere.replace("http", "ht\ttp")],
      ["a data: URL", () => "data:text/plain,hello"],
      ["a blob: URL", () => URL.createObjectURL(new Blob(["hello"]))],
      ["a file: URL", () => "file:///etc/hostname"],
      ["javascript", () => "javascript:alert(1)"],
      ["another port", (elsewhere) => elsewhere.replace(/:\d+$/, ":1")],
      ["a URL that cannot be parsed", () => "http://"]
    ])
  )("REQ-3: $name is ORIGIN_NOT_ALLOWED before anything is sent ($api API)", async ({ input, send }) => {
    const server = await rawApi(ok)
    const elsewhere = await rawServer(ok)
    const error = await rejection(send({ apiKey: server.apiKey, host: server.url }, input(elsewhere.url)))
    expect(error).toMatchObject({ name: "TokenkeepError", code: "ORIGIN_NOT_ALLOWED" })
    expect([server.connections(), elsewhere.connections()]).toEqual([0, 0])
  })

  it.each(apis)("REQ-3: a user name in the URL is rejected ($api API)", async ({ send }) => {
    const server = await rawApi(ok)
    const input = `${server.url.replace("//", "//user:secret@")}/x`
    const error = await rejection(send({ apiKey: server.apiKey, host: server.url }, input))
    expect(error).toMatchObject({ code: "ORIGIN_NOT_ALLOWED" })
    expect(String(error)).not.toContain("secret")
    expect(server.connections()).toBe(0)
  })

  it("REQ-3: the error contains the other origin, without path and query", async () => {
    const server = await rawApi(ok)
    const elsewhere = await rawServer(ok)
    const error = await rejection(clientOf(server).fetch(`${elsewhere.url}/path?secret=1`))
    expect(error).toMatchObject({ reason: { _tag: "OriginNotAllowed", origin: elsewhere.url } })
    expect(String(error)).toContain(elsewhere.url)
    expect(String(error)).not.toMatch(/\/path|secret/)
  })

  it.each([
    ["/api/v1/events", "/api/v1/events"],
    ["api/v1/events", "/api/v1/events"],
    ["", "/"],
    ["/", "/"],
    ["?a=1", "/?a=1"],
    ["/a//b", "/a//b"],
    ["/a/../b", "/b"],
    ["/../b", "/b"],
    ["/a?to=http://other.test/", "/a?to=http://other.test/"],
    ["/a?up=/../../x", "/a?up=/../../x"],
    ["/events/2026-01-01T00:00:00", "/events/2026-01-01T00:00:00"],
    ["/with space", "/with%20space"],
    ["/ü", "/%C3%BC"],
    ["  /padded  ", "/padded"],
    ["/fragment#part", "/fragment"]
  ])("REQ-3: %j is sent to the path %j of the host", async (input, path) => {
    const server = await rawApi(ok)
    expect((await clientOf(server).fetch(input)).status).toBe(200)
    expect(server.general()).toMatchObject([{ path, headers: { authorization: "Bearer token-1" } }])
  })

  it("REQ-3: an absolute URL, a URL object and a Request to the host get the token", async () => {
    const server = await rawApi(ok)
    const deeply = clientOf(server)
    await deeply.fetch(`${server.url}/a`)
    await deeply.fetch(new URL("/b", server.url))
    await deeply.fetch(new Request(`${server.url}/c`))
    await deeply.fetch(`${server.url.replace("http:", "HTTP:")}/d`)
    expect(server.general().map(({ path, headers }) => [path, headers.authorization])).toEqual(
      ["/a", "/b", "/c", "/d"].map((path) => [path, "Bearer token-1"])
    )
  })
})

describe("REQ-3: a base URL with a path", () => {
  it.each([
    ["/api/v1/events", "/gate/way/api/v1/events"],
    ["api/v1/events?x=1", "/gate/way/api/v1/events?x=1"],
    ["/a/../b", "/gate/way/b"],
    ["", "/gate/way/"]
  ])("REQ-3: the path is a prefix: %j is sent to %j", async (input, path) => {
    const server = await rawApi(ok, "/gate/way")
    for (const url of [`${server.url}/gate/way`, `${server.url}/gate/way/`]) {
      expect((await clientOf(server, { host: url }).fetch(input)).status).toBe(200)
    }
    expect(server.general().map((request) => request.path)).toEqual([path, path])
    expect(server.tokenRequests()).toBe(2)
  })

  it.each(["/..", "/../other", "../other", "/a/../../other", "/%2E%2e/other", "/.%2e/other", "\\..\\other"])(
    "REQ-3: %j cannot leave the prefix, as a path, a URL or a Request",
    async (input) => {
      const server = await rawApi(ok, "/gate/way")
      const { fetch } = clientOf(server, { host: `${server.url}/gate/way` })
      const url = `${server.url}/gate/way/${input.replace(/^[/\\]/, "")}`
      for (const each of [input, url, new URL(url), new Request(url)]) {
        const error = await rejection(fetch(each))
        expect(error).toMatchObject({ code: "ORIGIN_NOT_ALLOWED", reason: { origin: server.url } })
      }
      expect(server.connections()).toBe(0)
    }
  )

  it("REQ-3: a redirect out of the prefix is followed without the token, or refused", async () => {
    const server = await rawApi((request, response) => {
      if (request.path === "/other") return ok(request, response)
      return response.writeHead(302, { location: "/other" }).end()
    }, "/gate/way")
    const base = `${server.url}/gate/way`
    expect((await clientOf(server, { host: base }).fetch("/x")).url).toBe(`${server.url}/other`)
    expect(server.general().map(({ headers, path }) => [path, headers.authorization])).toEqual([
      ["/gate/way/x", "Bearer token-1"],
      ["/other", undefined]
    ])
    const error = await rejection(clientOf(server, { host: base, redirects: "refuse" }).fetch("/x"))
    expect(error).toMatchObject({ code: "REDIRECT_REFUSED", reason: { to: server.url } })
  })
})

describe("REQ-3: auth: false", () => {
  it("REQ-3: sends no token, with the same origin rules", async () => {
    const server = await rawApi(ok)
    const elsewhere = await rawServer(ok)
    const plain = clientOf(server).fetchWith({ auth: false })
    expect(await rejection(plain(`${elsewhere.url}/x`))).toMatchObject({ code: "ORIGIN_NOT_ALLOWED" })
    expect((await plain("/x")).status).toBe(200)
    expect(server.general()[0]?.headers).not.toHaveProperty("authorization")
    expect([server.tokenRequests(), elsewhere.connections()]).toEqual([0, 0])
  })
})

describe("KEY-1: a host that does not respond", () => {
  it("KEY-1: the key is sent to no other server", async () => {
    const taken = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1")
    await new Promise((resolve) => taken.once("listening", resolve))
    const { port } = taken.address() as AddressInfo
    await new Promise((resolve) => taken.close(resolve))
    const down = { url: `http://127.0.0.1:${port}`, apiKey: "dk_0123456789abcdef" }
    expect(await rejection(clientOf(down, { tokenRequest: { tries: 1 } }).fetch("/x"))).toMatchObject({
      code: "ISSUER_UNAVAILABLE",
      cause: { code: "ECONNREFUSED" }
    })
  })
})
