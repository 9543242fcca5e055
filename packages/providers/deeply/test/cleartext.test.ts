import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { cloud, createDeeply, Deeply, edge, type Host, hostOf, isAuthError } from "@tokenkeep/deeply"
import * as Effect from "effect/Effect"
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { certificate } from "./support/certificate.ts"
import { runProgram } from "./support/child.ts"
import { clientOf, doors, rejection, sampleKey, thrown } from "./support/clients.ts"
import { ok, rawApi, rawServer } from "./support/servers.ts"

afterEach(() => vi.unstubAllEnvs())

const apiKey = sampleKey

/** The two forms that the message prints, as the hosts they make. */
const printedHosts = (message: string): ReadonlyArray<Host> => {
  const [, address = "", port] = /edge\("([^"]+)"(?:, (\d+))?\)/.exec(message) ?? []
  const [, text = ""] = /"(edge:[^"]+)"/.exec(message) ?? []
  return [port === undefined ? edge(address) : edge(address, Number(port)), hostOf(text)]
}

describe("REQ-4: cleartext is named", () => {
  it.each([
    ["http://192.0.2.7:8100", 'edge("192.0.2.7"), or "edge:192.0.2.7" as text'],
    ["http://192.0.2.7:9000", 'edge("192.0.2.7", 9000), or "edge:192.0.2.7:9000" as text'],
    ["http://192.0.2.7", 'edge("192.0.2.7", 80), or "edge:192.0.2.7:80" as text'],
    ["http://edge.example:8100/", 'edge("edge.example"), or "edge:edge.example" as text'],
    ["HTTP://EDGE.EXAMPLE:8100", 'edge("edge.example"), or "edge:edge.example" as text'],
    ["http://[2001:db8::7]:8100", 'edge("[2001:db8::7]"), or "edge:[2001:db8::7]" as text'],
    ["http://[2001:db8::7]:81", 'edge("[2001:db8::7]", 81), or "edge:[2001:db8::7]:81" as text'],
    ["http://127.0.0.1.example:8100", 'edge("127.0.0.1.example"), or "edge:127.0.0.1.example" as text'],
    ["http://localhost.example:8100", 'edge("localhost.example"), or "edge:localhost.example" as text']
  ])("REQ-4: %s is INSECURE_ORIGIN at construction, and the value it prints works", async (host, printed) => {
    const { origin } = new URL(host)
    const error = thrown(() => createDeeply({ apiKey, host }))
    expect(error).toMatchObject({ name: "AuthError", code: "INSECURE_ORIGIN", reason: { origin } })
    const { message } = error as Error
    expect(message).toContain(origin)
    expect(message).toContain(printed)
    for (const made of printedHosts(message)) expect(new URL(made.baseUrl).origin).toBe(origin)
    const layer = Deeply.layerDefault({ apiKey, host })
    const failure = await Effect.runPromise(Effect.flip(Effect.provide(Deeply, layer)))
    expect(failure).toMatchObject({ code: "INSECURE_ORIGIN", message })
  })

  it("REQ-4: a host object that did not opt in, and a URL object, are refused the same way", () => {
    const host = { name: "own", baseUrl: "http://192.0.2.7:8100", cleartext: false }
    expect(thrown(() => createDeeply({ apiKey, host }))).toMatchObject({ code: "INSECURE_ORIGIN" })
    expect(thrown(() => createDeeply({ apiKey, host: new URL(host.baseUrl) }))).toMatchObject({
      code: "INSECURE_ORIGIN"
    })
    expect(createDeeply({ apiKey, host: { ...host, cleartext: true } }).host.name).toBe("own")
  })

  it.each([
    "http://127.0.0.1:8100",
    "http://127.9.9.9",
    "http://localhost:81",
    "http://api.localhost",
    "http://[::1]:8100"
  ])("REQ-4: %s is loopback and needs no opting in", (host) => {
    expect(createDeeply({ apiKey, host }).host).toEqual({ name: "custom", baseUrl: host, cleartext: false })
  })

  it.each<[string, Host, string]>([
    ['edge("192.0.2.7")', edge("192.0.2.7"), "http://192.0.2.7:8100"],
    ['edge("192.0.2.7", 9000)', edge("192.0.2.7", 9000), "http://192.0.2.7:9000"],
    ['edge("::1")', edge("::1"), "http://[::1]:8100"],
    ['edge("[2001:db8::7]", 81)', edge("[2001:db8::7]", 81), "http://[2001:db8::7]:81"],
    ['"edge:192.0.2.7"', hostOf("edge:192.0.2.7"), "http://192.0.2.7:8100"],
    ['"edge:192.0.2.7:9000"', hostOf("edge:192.0.2.7:9000"), "http://192.0.2.7:9000"],
    ['"edge:box.local"', hostOf("edge:box.local"), "http://box.local:8100"],
    ['"EDGE:box.local:81"', hostOf(" EDGE:box.local:81 "), "http://box.local:81"],
    ['"edge:[2001:db8::7]"', hostOf("edge:[2001:db8::7]"), "http://[2001:db8::7]:8100"],
    ['"edge:[2001:db8::7]:81"', hostOf("edge:[2001:db8::7]:81"), "http://[2001:db8::7]:81"],
    ['"edge:2001:db8::7"', hostOf("edge:2001:db8::7"), "http://[2001:db8::7]:8100"]
  ])("REQ-4: %s opts in by name", (_, host, baseUrl) => {
    expect(host).toEqual({ name: "edge", baseUrl, cleartext: true })
    expect(createDeeply({ apiKey, host }).host.baseUrl).toBe(baseUrl)
  })

  it.each(doors)(
    "REQ-4: edge(), its text, and an IPv6 address reach the server they name ($door door)",
    async ({ send }) => {
      const server = await rawApi(ok)
      const { hostname, port } = new URL(server.url)
      for (const host of [
        edge(hostname, Number(port)),
        `edge:${hostname}:${port}`,
        `edge:[::ffff:${hostname}]:${port}`
      ]) {
        expect((await send({ apiKey, host }, "/x")).status).toBe(200)
      }
      expect(server.issueCalls()).toBe(3)
    }
  )
})

describe("REQ-4: the environment", () => {
  it.each(doors)(
    "REQ-4: DEEPLY_HOST and DEEPLY_API_KEY are used where no option is given ($door door)",
    async ({ send }) => {
      const server = await rawApi(ok)
      const { hostname, port } = new URL(server.url)
      vi.stubEnv("DEEPLY_API_KEY", `${apiKey}\n`)
      for (const host of [server.url, `edge:${hostname}:${port}`]) {
        vi.stubEnv("DEEPLY_HOST", host)
        expect((await send({}, "/x")).status).toBe(200)
      }
      const issues = server.requests.filter(({ path }) => path.endsWith("/reissue"))
      expect(issues.map(({ headers }) => headers.authorization)).toEqual(Array(2).fill(`Bearer ${apiKey}`))
    }
  )

  it("REQ-4: an option wins over the environment, and without either the host is the cloud", () => {
    vi.stubEnv("DEEPLY_HOST", "edge:192.0.2.7")
    expect(createDeeply({ apiKey }).host).toEqual(edge("192.0.2.7"))
    expect(createDeeply({ apiKey, host: "cloud" }).host).toBe(cloud)
    for (const nothing of ["", undefined]) {
      vi.stubEnv("DEEPLY_HOST", nothing)
      expect(createDeeply({ apiKey }).host).toBe(cloud)
    }
  })

  it("REQ-4: DEEPLY_HOST is checked like an option", () => {
    vi.stubEnv("DEEPLY_HOST", "http://192.0.2.7:8100")
    expect(thrown(() => createDeeply({ apiKey }))).toMatchObject({ code: "INSECURE_ORIGIN" })
  })

  it.each(doors)(
    "REQ-4: without a key, API_KEY_MISSING names the variable on first use ($door door)",
    async ({ send }) => {
      vi.stubEnv("DEEPLY_API_KEY", undefined)
      const server = await rawServer(ok)
      const error = await rejection(send({ host: server.url }, "/x"))
      expect(error).toMatchObject({ code: "API_KEY_MISSING", message: expect.stringContaining("DEEPLY_API_KEY") })
      expect(server.connections()).toBe(0)
    }
  )

  it("REQ-4: a proxy that would see a plain-http request is told by one event", async () => {
    const server = await rawApi(ok)
    vi.stubEnv("NODE_USE_ENV_PROXY", "1")
    vi.stubEnv("HTTP_PROXY", "http://192.0.2.1:3128")
    vi.stubEnv("NO_PROXY", "")
    const told: Array<string> = []
    const deeply = clientOf(server, { onEvent: ({ type }) => told.push(type) })
    await deeply.fetch("/x")
    await deeply.fetch("/x")
    expect(told.filter((type) => type === "cleartext-proxied")).toHaveLength(1)
  })
})

describe("REQ-3: from https to plain http", () => {
  it("REQ-3: a redirect that leaves https is REDIRECT_REFUSED in both doors, and the http server sees nothing", async () => {
    const { cert, certFile, key, remove } = certificate()
    onTestFinished(remove)
    const plain = await rawServer(ok)
    const server = createServer({ key, cert }, ({ url }, response) => {
      if (url === "/api/v1/auth/reissue") return response.end(JSON.stringify({ access_token: "token-1" }))
      if (url === "/down") return response.writeHead(302, { location: `${plain.url}/to` }).end()
      return response.writeHead(url === "/same" ? 307 : 204, { location: "/landed" }).end()
    })
    await new Promise<void>((resolve) => server.listen(0, resolve))
    onTestFinished(() => void server.close())
    const host = `https://localhost:${(server.address() as AddressInfo).port}`
    const env = { DEEPLY_API_KEY: apiKey, DEEPLY_HOST: host, NODE_EXTRA_CA_CERTS: certFile }
    const { stdout } = await runProgram(new URL("./fixtures/downgrade.ts", import.meta.url), env)
    const refused = "REDIRECT_REFUSED The server redirects from https to plain http. "
    expect(stdout.split("\n")).toEqual([
      "promise 204",
      expect.stringContaining(`promise ${refused}`),
      expect.stringContaining(`Effect ${refused}`),
      ""
    ])
    expect(plain.connections()).toBe(0)
  })
})

describe("isAuthError", () => {
  it("REQ-6: tells the client's own errors from fetch's", async () => {
    expect(isAuthError(thrown(() => createDeeply({ apiKey, host: "http://192.0.2.7" })))).toBe(true)
    expect(isAuthError(new TypeError("fetch failed"))).toBe(false)
  })
})
