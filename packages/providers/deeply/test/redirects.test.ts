import { describe, expect, it } from "vitest"
import { clientOf, apis, eventually, keepingResponses, rejection } from "./support/clients.ts"
import { expired, json, ok, type RawApi, rawApi, type RawServer, rawServer } from "./support/servers.ts"

const statuses = [301, 302, 303, 307, 308] as const
const keepsBody = (status: number) => status === 307 || status === 308

/** An API that redirects `/from` to a location of the test, and a server at another origin. */
const redirecting = async (status: number, location: (elsewhere: RawServer) => string) => {
  const elsewhere = await rawServer(ok)
  const api = await rawApi((request, response) => {
    if (request.path !== "/from") return ok(request, response)
    return response.writeHead(status, { location: location(elsewhere) }).end("moved")
  })
  return { api, elsewhere }
}

const shown = (server: RawApi | RawServer) =>
  server.requests
    .filter(({ path }) => path.startsWith("/to"))
    .map(({ method, path, body, headers }) => [
      method,
      path,
      body.toString(),
      headers.authorization,
      headers["content-type"],
      headers["x-own"]
    ])

const post = { method: "POST", body: "payload", headers: { "x-own": "kept", "content-type": "text/own" } }
const get = { headers: { "x-own": "kept" } }

describe("REQ-3: redirects on the same origin", () => {
  const cases = statuses.flatMap((status) => apis.map(({ api, send }) => ({ status, api, send })))

  it.each(cases)("REQ-3: a $status of a GET is followed with the token ($api API)", async ({ status, send }) => {
    const { api, elsewhere } = await redirecting(status, () => "to?x=1")
    const response = await send({ apiKey: api.apiKey, host: api.url }, "/from", get)
    expect([response.status, response.redirected, response.url]).toEqual([200, true, `${api.url}/to?x=1`])
    expect(shown(api)).toEqual([["GET", "/to?x=1", "", "Bearer token-1", undefined, "kept"]])
    expect(elsewhere.connections()).toBe(0)
  })

  it.each(cases)("REQ-3: a $status handles the body of a POST as fetch does ($api API)", async ({ status, send }) => {
    const { api } = await redirecting(status, () => "/to")
    expect((await send({ apiKey: api.apiKey, host: api.url, redirects: "refuse" }, "/from", post)).status).toBe(200)
    const expected = keepsBody(status)
      ? ["POST", "/to", "payload", "Bearer token-1", "text/own", "kept"]
      : ["GET", "/to", "", "Bearer token-1", undefined, "kept"]
    expect(shown(api)).toEqual([expected])
  })
})

describe("REQ-3: redirects to another origin", () => {
  const cases = statuses.flatMap((status) => apis.map(({ api, send }) => ({ status, api, send })))

  it.each(cases)("REQ-3: a $status is followed without the token for a GET ($api API)", async ({ status, send }) => {
    const { api, elsewhere } = await redirecting(status, ({ url }) => `${url}/to`)
    const response = await send({ apiKey: api.apiKey, host: api.url }, "/from", {
      headers: { ...get.headers, cookie: "own=1", "proxy-authorization": "Basic x" }
    })
    expect([response.status, response.redirected, response.url]).toEqual([200, true, `${elsewhere.url}/to`])
    expect(shown(elsewhere)).toEqual([["GET", "/to", "", undefined, undefined, "kept"]])
    expect(elsewhere.requests[0]?.headers).not.toHaveProperty("cookie")
    expect(elsewhere.requests[0]?.headers).not.toHaveProperty("proxy-authorization")
  })

  it.each(cases.filter(({ status }) => !keepsBody(status)))(
    "REQ-3: a $status of a POST is followed as a GET, without token and body ($api API)",
    async ({ status, send }) => {
      const { api, elsewhere } = await redirecting(status, ({ url }) => `${url}/to`)
      expect((await send({ apiKey: api.apiKey, host: api.url }, "/from", post)).status).toBe(200)
      expect(shown(elsewhere)).toEqual([["GET", "/to", "", undefined, undefined, "kept"]])
    }
  )

  it.each(cases.filter(({ status }) => keepsBody(status)))(
    "REQ-3: a $status of a POST, which would send the body again, is REDIRECT_REFUSED ($api API)",
    async ({ status, send }) => {
      const { api, elsewhere } = await redirecting(status, ({ url }) => `${url}/to`)
      const error = await rejection(send({ apiKey: api.apiKey, host: api.url }, "/from", post))
      expect(error).toMatchObject({ code: "REDIRECT_REFUSED", reason: { from: api.url, to: elsewhere.url } })
      expect(elsewhere.connections()).toBe(0)
    }
  )

  it.each(
    cases.flatMap((one) => [
      { ...one, method: "GET", init: get },
      { ...one, method: "POST", init: post }
    ])
  )(
    "REQ-3: a $status of a $method is REDIRECT_REFUSED if the option redirects is refuse ($api API)",
    async ({ status, send, init }) => {
      const { api, elsewhere } = await redirecting(status, ({ url }) => `${url}/to?secret=1`)
      const error = await rejection(send({ apiKey: api.apiKey, host: api.url, redirects: "refuse" }, "/from", init))
      expect(error).toMatchObject({ code: "REDIRECT_REFUSED", reason: { from: api.url, to: elsewhere.url } })
      expect(String(error)).not.toContain("secret")
      expect(elsewhere.connections()).toBe(0)
    }
  )

  it("REQ-3: the token is not sent again if another origin redirects back to the API", async () => {
    const home = { url: "" }
    const elsewhere = await rawServer((_, response) => response.writeHead(302, { location: `${home.url}/to` }).end())
    const api = await rawApi((request, response) =>
      request.path === "/from" ? response.writeHead(302, { location: elsewhere.url }).end() : ok(request, response)
    )
    home.url = api.url
    expect((await clientOf(api).fetch("/from")).url).toBe(`${api.url}/to`)
    expect(shown(api)).toEqual([["GET", "/to", "", undefined, undefined, undefined]])
  })

  it.each([401, 403, 429].flatMap((status) => apis.map(({ api, send }) => ({ status, api, send }))))(
    "REQ-3: a $status of another origin does not affect the token, and is returned ($api API)",
    async ({ status, send }) => {
      const elsewhere = await rawServer((_, response) => json(response, status, { detail: { message: "Not here." } }))
      const api = await rawApi((_, response) => response.writeHead(302, { location: elsewhere.url }).end())
      const response = await send({ apiKey: api.apiKey, host: api.url }, "/from")
      expect([response.status, await response.json()]).toEqual([status, { detail: { message: "Not here." } }])
      expect([api.tokenRequests(), api.general().length, elsewhere.requests.length]).toEqual([1, 1, 1])
    }
  )

  it("REQ-3: a redirect of a stream rejects with a TypeError, as with fetch", async () => {
    const { api } = await redirecting(307, () => "/to")
    const init = { method: "POST", body: new Blob(["payload"]).stream(), duplex: "half" } as RequestInit
    expect(await rejection(clientOf(api).fetch("/from", init))).toBeInstanceOf(TypeError)
    expect(shown(api)).toEqual([])
  })
})

describe("REQ-1: a replay after a redirect", () => {
  it("REQ-1: a 401 after a redirect renews the token, and the request is repeated from its first URL", async () => {
    const api = await rawApi((request, response) => {
      if (request.path === "/from") return response.writeHead(302, { location: "/to" }).end()
      return request.headers.authorization === "Bearer token-2" ? ok(request, response) : expired(response)
    })
    expect((await clientOf(api).fetch("/from")).status).toBe(200)
    expect(api.general().map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ["/from", "Bearer token-1"],
      ["/to", "Bearer token-1"],
      ["/from", "Bearer token-2"],
      ["/to", "Bearer token-2"]
    ])
  })
})

describe("REQ-6: redirects that fetch does not follow", () => {
  it.each<[string, number, string]>([
    ["a loop", 302, "/from"],
    ["another scheme", 302, "data:text/plain,hello"],
    ["a Location that cannot be parsed", 301, "http://"],
    ["a user name in the Location", 302, "http://user@127.0.0.1/"],
    ["a port that fetch blocks", 302, "http://127.0.0.1:6000/"]
  ])("REQ-6: %s rejects with a TypeError, as with fetch", async (_, status, location) => {
    const { api } = await redirecting(status, () => location)
    expect(await rejection(fetch(`${api.url}/from`))).toBeInstanceOf(TypeError)
    const before = api.general().length
    const error = await rejection(clientOf(api).fetch("/from"))
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ message: "fetch failed" })
    expect(api.general()).toHaveLength(2 * before)
  })

  it.each(apis)("REQ-6: at most twenty redirects are followed ($api API)", async ({ send }) => {
    const api = await rawApi((request, response) => {
      const left = Number(request.path.slice(1))
      return left === 0 ? ok(request, response) : response.writeHead(302, { location: `/${left - 1}` }).end()
    })
    const options = { apiKey: api.apiKey, host: api.url }
    expect((await send(options, "/20")).url).toBe(`${api.url}/0`)
    await rejection(send(options, "/21"))
    await rejection(fetch(`${api.url}/21`))
    expect(api.general()).toHaveLength(3 * 21)
  })

  it("REQ-6: the body of a redirect is cancelled, even if it never ends", async () => {
    const api = await rawApi((request, response) => {
      if (request.path !== "/from") return ok(request, response)
      return void response.writeHead(302, { location: "/to" }).write("moved ")
    })
    expect((await clientOf(api, { transport: keepingResponses([]) }).fetch("/from")).status).toBe(200)
    await eventually(() => api.general()[0]?.closed).toBe(true)
  })

  it.each(statuses)("REQ-6: a %i without Location is returned", async (status) => {
    const api = await rawApi((_, response) => response.writeHead(status).end("moved"))
    const response = await clientOf(api).fetch("/from")
    expect([response.status, response.redirected, await response.text()]).toEqual([status, false, "moved"])
  })

  it("REQ-6: `redirect: manual` returns the redirect and `redirect: error` rejects, in an init and in a Request", async () => {
    const { api, elsewhere } = await redirecting(302, ({ url }) => `${url}/to`)
    const deeply = clientOf(api)
    const calls = [
      (redirect: RequestRedirect) => deeply.fetch("/from", { redirect }),
      (redirect: RequestRedirect) => deeply.fetch(new Request(`${api.url}/from`, { redirect }))
    ]
    for (const call of calls) {
      const shownHop = await call("manual")
      expect([shownHop.status, shownHop.headers.get("location")]).toEqual([302, `${elsewhere.url}/to`])
      expect(await rejection(call("error"))).toBeInstanceOf(TypeError)
      expect((await call("follow")).status).toBe(200)
    }
    expect(elsewhere.requests).toHaveLength(2)
  })

  it("REQ-6: a fragment is kept unless the Location has one, as with fetch", async () => {
    const { api } = await redirecting(302, () => "/to")
    const named = await redirecting(302, () => "/to#theirs")
    for (const { url, apiKey } of [api, named.api]) {
      const bare = await fetch(`${url}/from#mine`)
      expect((await clientOf({ url, apiKey }).fetch("/from#mine")).url).toBe(bare.url)
    }
  })
})

describe("KEY-1: a redirect of the token request", () => {
  it.each(apis.flatMap(({ api, send }) => statuses.map((status) => ({ api, send, status }))))(
    "KEY-1: a $status is REDIRECT_REFUSED, and the key is not sent again ($api API)",
    async ({ send, status }) => {
      const elsewhere = await rawServer(ok)
      const issuer = await rawServer((_, response) =>
        response.writeHead(status, { location: `${elsewhere.url}/api/v1/auth/reissue` }).end()
      )
      const error = await rejection(send({ apiKey: "dk_0123456789abcdef", host: issuer.url }, "/x"))
      expect(error).toMatchObject({ code: "REDIRECT_REFUSED", reason: { from: issuer.url, to: elsewhere.url } })
      expect([issuer.requests.length, elsewhere.connections()]).toEqual([1, 0])
    }
  )
})
