import { isAuthError } from "@tokenkeep/core"
import { createDeeply } from "@tokenkeep/deeply"
import { authorizedKy } from "@tokenkeep/transport-ky"
import ky, { HTTPError, type KyInstance, NetworkError, type Options, TimeoutError } from "ky"
import { describe, expect, it, onTestFinished } from "vitest"
import { api } from "./support/servers.ts"

type Api = Awaited<ReturnType<typeof api>>

const opened = async (options: Omit<Options, "fetch"> = {}, answer?: Parameters<typeof api>[0], path = "") => {
  const server = await api(answer)
  const deeply = createDeeply({ apiKey: server.apiKey, host: `${server.url}${path}` })
  onTestFinished(() => deeply.dispose())
  return { server, deeply, client: authorizedKy(deeply, options) }
}

const paths = (server: Api): ReadonlyArray<string> => server.general().map(({ method, path }) => `${method} ${path}`)

const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error("It was not rejected.")
    },
    (error: unknown) => error
  )

describe("authorizedKy", () => {
  it("REQ-6: is an ordinary ky instance whose requests carry the token", async () => {
    const { client, server } = await opened({ headers: { "x-app": "reports" } })
    expect(await client.get("a", { searchParams: { b: "c" } }).json()).toEqual({ ok: true })
    expect(await client("/d").text()).toBe(`{"ok":true}`)
    expect(await client.post("e", { json: { f: 1 } }).json()).toEqual({ ok: true })
    expect(paths(server)).toEqual(["GET /a?b=c", "GET /d", "POST /e"])
    for (const { headers } of server.general()) {
      expect(headers).toMatchObject({ authorization: "Bearer canary-token-1-5b1f0e", "x-app": "reports" })
    }
    expect(server.general()[2]).toMatchObject({ body: `{"f":1}`, headers: { "content-type": "application/json" } })
  })

  it("REQ-3: paths lead below the base URL, whose own path is a prefix", async () => {
    const { client, server } = await opened({}, undefined, "/base")
    await client("a")
    await client("/b")
    expect(paths(server)).toEqual(["GET /base/a", "GET /base/b"])
  })

  it("REQ-3: prefix and baseUrl may be one's own, within the provider's origin", async () => {
    const { deeply, server } = await opened()
    await authorizedKy(deeply, { prefix: `${server.url}/v1` })("a")
    await authorizedKy(deeply, { baseUrl: `${server.url}/v2/` })("a")
    await authorizedKy(deeply)(new URL(`${server.url}/v3/a`))
    await authorizedKy(deeply)(new Request(`${server.url}/v4/a`))
    expect(paths(server)).toEqual(["GET /v1/a", "GET /v2/a", "GET /v3/a", "GET /v4/a"])
    const other = await api()
    for (const call of [
      authorizedKy(deeply, { prefix: other.url })("a"),
      authorizedKy(deeply, { baseUrl: server.url })("//127.0.0.1:9999/a"),
      authorizedKy(deeply)(new URL(`${other.url}/a`))
    ]) {
      const error = await rejectionOf(call)
      expect(isAuthError(error) && error.code).toBe("ORIGIN_NOT_ALLOWED")
    }
    expect(other.seen).toEqual([])
  })

  it.each<[string, (client: KyInstance) => Promise<unknown>, string]>([
    ["GET", (client) => client.get("a").json(), ""],
    ["POST", (client) => client.post("a", { json: { b: 1 } }).json(), `{"b":1}`],
    ["PUT", (client) => client.put("a", { body: new URLSearchParams({ b: "1" }) }).json(), "b=1"],
    ["DELETE", (client) => client.delete("a").json(), ""]
  ])("REQ-1: repeats a refused %s once with a new token, body and all", async (method, call, body) => {
    const { client, server } = await opened()
    await client("first")
    server.revoke()
    expect(await call(client)).toEqual({ ok: true })
    expect([server.issued(), ...paths(server)]).toEqual([2, "GET /first", `${method} /a`, `${method} /a`])
    expect(
      server
        .general()
        .slice(1)
        .map((seen) => seen.body)
    ).toEqual([body, body])
  })

  it("TOK-2, REQ-1: 200 requests in flight when the token is revoked cost one issue call, and none fails", async () => {
    const { client, server } = await opened({ retry: 0 })
    await client("first")
    server.revoke()
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => client(`${i}`).json()))
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set([`{"ok":true}`]))
    expect(server.issued()).toBe(2)
    expect(server.general().length).toBeLessThanOrEqual(401)
  })

  it("keeps ky's own retries, errors, hooks and timeouts", async () => {
    const statuses = [503, 503, 200]
    const hooks: Array<string> = []
    const { client, server } = await opened(
      {
        retry: { limit: 3, delay: () => 1 },
        hooks: {
          beforeRequest: [({ request }) => void hooks.push(`before ${request.headers.get("authorization")}`)],
          beforeRetry: [({ request }) => void hooks.push(`retry ${request.headers.get("authorization")}`)],
          afterResponse: [({ response }) => void hooks.push(`after ${response.status}`)]
        }
      },
      (seen, response) => {
        if (seen.path === "/slow") return
        response.writeHead(seen.path === "/404" ? 404 : (statuses.shift() ?? 200)).end(`{"at":"${seen.path}"}`)
      }
    )
    expect(await client("a").json()).toEqual({ at: "/a" })
    expect(hooks).toEqual(["before null", "after 503", "retry null", "after 503", "retry null", "after 200"])
    expect(server.general().length).toBe(3)
    const notFound = (await rejectionOf(client("404"))) as HTTPError
    expect(notFound).toBeInstanceOf(HTTPError)
    expect([notFound.response.status, notFound.data]).toEqual([404, { at: "/404" }])
    expect(notFound.request.headers.get("authorization")).toBeNull()
    const late = (await rejectionOf(client("slow", { timeout: 50, retry: 0 }))) as TimeoutError
    expect(late).toBeInstanceOf(TimeoutError)
    expect(late.request.headers.get("authorization")).toBeNull()
  })

  it("REQ-6: an AuthError comes through ky as it is, and is not tried again by it", async () => {
    const { deeply, server } = await opened()
    await deeply.dispose()
    const error = await rejectionOf(authorizedKy(deeply, { retry: 5 })("a"))
    expect(isAuthError(error) && error.code).toBe("DISPOSED")
    expect(server.seen).toEqual([])
  })

  it("keeps ky's NetworkError, and its retries, where the connection breaks", async () => {
    const { client, server } = await opened({ retry: { limit: 1, delay: () => 1 } }, (_, response) =>
      response.socket?.destroy()
    )
    const error = (await rejectionOf(client("a"))) as NetworkError
    expect(error).toBeInstanceOf(NetworkError)
    expect(error.request.headers.get("authorization")).toBeNull()
    expect(server.general().length).toBe(2)
  })

  it("REQ-6: aborts with the caller's own reason", async () => {
    const { client } = await opened({}, () => undefined)
    const abort = new AbortController()
    const call = client("a", { signal: abort.signal })
    setTimeout(() => abort.abort("gave up"), 50)
    expect(await rejectionOf(call)).toBe("gave up")
  })

  it("REQ-5: a header of one's own goes as it is; fetchWith puts the token over it", async () => {
    const { client, deeply, server } = await opened()
    const own = { headers: { authorization: "Basic own" } }
    await client("own", own)
    const { baseUrl } = deeply
    await authorizedKy({ baseUrl, fetch: deeply.fetchWith({ ownAuthorization: "replace" }) })("replaced", own)
    expect(server.general().map(({ headers }) => headers.authorization)).toEqual([
      "Basic own",
      "Bearer canary-token-1-5b1f0e"
    ])
  })

  it("extends as any instance does, and keeps authorizing", async () => {
    const { client, server } = await opened()
    await client.extend({ headers: { "x-more": "1" } }).get("a")
    expect(server.general()[0]?.headers).toMatchObject({
      "x-more": "1",
      authorization: "Bearer canary-token-1-5b1f0e"
    })
    expect(client.stop).toBe(ky.stop)
  })

  it("streams an answer down", async () => {
    const rest = Promise.withResolvers<void>()
    const { client } = await opened({}, async (_, response) => {
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
