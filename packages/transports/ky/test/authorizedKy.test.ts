import { isTokenkeepError } from "@tokenkeep/core"
import { createDeeply } from "@tokenkeep/deeply"
import { authorizedKy } from "@tokenkeep/transport-ky"
import ky, { HTTPError, type KyInstance, NetworkError, type Options, TimeoutError } from "ky"
import { describe, expect, it, onTestFinished } from "vitest"
import { startApi } from "./support/apiServer.ts"

type Api = Awaited<ReturnType<typeof startApi>>

const open = async (options: Omit<Options, "fetch"> = {}, handle?: Parameters<typeof startApi>[0], path = "") => {
  const server = await startApi(handle)
  const deeply = createDeeply({ apiKey: server.apiKey, host: `${server.url}${path}` })
  onTestFinished(() => deeply.dispose())
  return { server, deeply, client: authorizedKy(deeply, { timeout: false, ...options }) }
}

const requestLines = (server: Api): ReadonlyArray<string> =>
  server.apiRequests().map(({ method, path }) => `${method} ${path}`)

const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error("The promise did not reject.")
    },
    (error: unknown) => error
  )

describe("authorizedKy", () => {
  it("REQ-6: is an ordinary ky instance whose requests carry the token", async () => {
    const { client, server } = await open({ headers: { "x-app": "reports" } })
    expect(await client.get("a", { searchParams: { b: "c" } }).json()).toEqual({ ok: true })
    expect(await client("/d").text()).toBe(`{"ok":true}`)
    expect(await client.post("e", { json: { f: 1 } }).json()).toEqual({ ok: true })
    expect(requestLines(server)).toEqual(["GET /a?b=c", "GET /d", "POST /e"])
    for (const { headers } of server.apiRequests()) {
      expect(headers).toMatchObject({ authorization: "Bearer canary-token-1-5b1f0e", "x-app": "reports" })
    }
    expect(server.apiRequests()[2]).toMatchObject({ body: `{"f":1}`, headers: { "content-type": "application/json" } })
  })

  it("REQ-3: resolves paths against the base URL, including its path", async () => {
    const { client, server } = await open({}, undefined, "/base")
    await client("a")
    await client("/b")
    expect(requestLines(server)).toEqual(["GET /base/a", "GET /base/b"])
  })

  it("REQ-3: accepts a prefix or baseUrl within the provider's origin only", async () => {
    const { deeply, server } = await open()
    await authorizedKy(deeply, { prefix: `${server.url}/v1` })("a")
    await authorizedKy(deeply, { baseUrl: `${server.url}/v2/` })("a")
    await authorizedKy(deeply)(new URL(`${server.url}/v3/a`))
    await authorizedKy(deeply)(new Request(`${server.url}/v4/a`))
    expect(requestLines(server)).toEqual(["GET /v1/a", "GET /v2/a", "GET /v3/a", "GET /v4/a"])
    const other = await startApi()
    for (const call of [
      authorizedKy(deeply, { prefix: other.url })("a"),
      authorizedKy(deeply, { baseUrl: server.url })("//127.0.0.1:9999/a"),
      authorizedKy(deeply)(new URL(`${other.url}/a`))
    ]) {
      const error = await rejectionOf(call)
      expect(isTokenkeepError(error) && error.code).toBe("ORIGIN_NOT_ALLOWED")
    }
    expect(other.received).toEqual([])
  })

  it.each(["../a", "/../a", "b/../../a", "/%2e%2e/a", "..\\a"])(
    "REQ-3: rejects %j, which leaves the base URL, before anything is sent",
    async (path) => {
      const { client, deeply, server } = await open({}, undefined, "/base")
      const { baseUrl } = deeply
      for (const call of [
        client(path),
        authorizedKy(deeply, { baseUrl })(path.replace(/^\//, "")),
        client(new URL(path.replace(/^\//, ""), baseUrl))
      ]) {
        const error = await rejectionOf(call)
        expect(isTokenkeepError(error) && error.code).toBe("ORIGIN_NOT_ALLOWED")
      }
      expect(server.received).toEqual([])
    }
  )

  it.each<[string, (client: KyInstance) => Promise<unknown>, string]>([
    ["GET", (client) => client.get("a").json(), ""],
    ["POST", (client) => client.post("a", { json: { b: 1 } }).json(), `{"b":1}`],
    ["PUT", (client) => client.put("a", { body: new URLSearchParams({ b: "1" }) }).json(), "b=1"],
    ["DELETE", (client) => client.delete("a").json(), ""]
  ])("REQ-1: repeats a refused %s once with a new token and the same body", async (method, call, body) => {
    const { client, server } = await open()
    await client("first")
    server.revokeTokens()
    expect(await call(client)).toEqual({ ok: true })
    expect([server.issued(), ...requestLines(server)]).toEqual([2, "GET /first", `${method} /a`, `${method} /a`])
    expect(
      server
        .apiRequests()
        .slice(1)
        .map((request) => request.body)
    ).toEqual([body, body])
  })

  it("TOK-2, REQ-1: revoking the token under 200 requests in flight causes one token request and no failure", async () => {
    const { client, server } = await open({ retry: 0 })
    await client("first")
    server.revokeTokens()
    const bodies = await Promise.all(Array.from({ length: 200 }, (_, i) => client(`${i}`).json()))
    expect(new Set(bodies.map((body) => JSON.stringify(body)))).toEqual(new Set([`{"ok":true}`]))
    expect(server.issued()).toBe(2)
    expect(server.apiRequests().length).toBeLessThanOrEqual(401)
  })

  it("keeps ky's own retries, errors, hooks and timeouts", async () => {
    const statuses = [503, 503, 200]
    const hooks: Array<string> = []
    const { client, server } = await open(
      {
        retry: { limit: 3, delay: () => 1 },
        hooks: {
          beforeRequest: [({ request }) => void hooks.push(`before ${request.headers.get("authorization")}`)],
          beforeRetry: [({ request }) => void hooks.push(`retry ${request.headers.get("authorization")}`)],
          afterResponse: [({ response }) => void hooks.push(`after ${response.status}`)]
        }
      },
      (request, response) => {
        if (request.path === "/slow") return
        response.writeHead(request.path === "/404" ? 404 : (statuses.shift() ?? 200)).end(`{"at":"${request.path}"}`)
      }
    )
    expect(await client("a").json()).toEqual({ at: "/a" })
    expect(hooks).toEqual(["before null", "after 503", "retry null", "after 503", "retry null", "after 200"])
    expect(server.apiRequests().length).toBe(3)
    const notFound = (await rejectionOf(client("404"))) as HTTPError
    expect(notFound).toBeInstanceOf(HTTPError)
    expect([notFound.response.status, notFound.data]).toEqual([404, { at: "/404" }])
    expect(notFound.request.headers.get("authorization")).toBeNull()
    const late = (await rejectionOf(client("slow", { timeout: 50, retry: 0 }))) as TimeoutError
    expect(late).toBeInstanceOf(TimeoutError)
    expect(late.request.headers.get("authorization")).toBeNull()
  })

  it("REQ-6: rejects with the TokenkeepError unchanged, and ky does not retry it", async () => {
    const { deeply, server } = await open()
    await deeply.dispose()
    const error = await rejectionOf(authorizedKy(deeply, { retry: 5 })("a"))
    expect(isTokenkeepError(error) && error.code).toBe("DISPOSED")
    expect(server.received).toEqual([])
  })

  it("keeps ky's NetworkError and its retries if the connection breaks", async () => {
    const { client, server } = await open({ retry: { limit: 1, delay: () => 1 } }, (_, response) =>
      response.socket?.destroy()
    )
    const error = (await rejectionOf(client("a"))) as NetworkError
    expect(error).toBeInstanceOf(NetworkError)
    expect(error.request.headers.get("authorization")).toBeNull()
    expect(server.apiRequests().length).toBe(2)
  })

  it("REQ-6: rejects an aborted request with the caller's reason", async () => {
    const { client } = await open({}, () => undefined)
    const abort = new AbortController()
    const call = client("a", { signal: abort.signal })
    setTimeout(() => abort.abort("gave up"), 50)
    expect(await rejectionOf(call)).toBe("gave up")
  })

  it("REQ-5: sends the request's own Authorization unchanged; fetchWith replaces it", async () => {
    const { client, deeply, server } = await open()
    const options = { headers: { authorization: "Basic caller" } }
    await client("unchanged", options)
    const { baseUrl } = deeply
    await authorizedKy({ baseUrl, fetch: deeply.fetchWith({ ownAuthorization: "replace" }) })("replaced", options)
    expect(server.apiRequests().map(({ headers }) => headers.authorization)).toEqual([
      "Basic caller",
      "Bearer canary-token-1-5b1f0e"
    ])
  })

  it("can be extended, and its extensions add the token too", async () => {
    const { client, server } = await open()
    await client.extend({ headers: { "x-more": "1" } }).get("a")
    expect(server.apiRequests()[0]?.headers).toMatchObject({
      "x-more": "1",
      authorization: "Bearer canary-token-1-5b1f0e"
    })
    expect(client.stop).toBe(ky.stop)
  })

  it("streams a response body", async () => {
    const rest = Promise.withResolvers<void>()
    const { client } = await open({}, async (_, response) => {
      response.write("one ")
      await rest.promise
      response.end("two")
    })
    const response = await client("a")
    const reader = response.body!.getReader()
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("one ")
    rest.resolve()
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("two")
  })
})
