import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { cloud, createDeeply, Deeply, edge, type Host, hostOf, isTokenkeepError } from "@tokenkeep/deeply"
import * as Effect from "effect/Effect"
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { certificate } from "./support/certificate.ts"
import { runProgram } from "./support/runProgram.ts"
import { apis, rejection, sampleKey, thrown } from "./support/clients.ts"
import { ok, rawApi, rawServer } from "./support/servers.ts"

afterEach(() => vi.unstubAllEnvs())

const apiKey = sampleKey

/** The hosts that the two suggestions in the message create. */
const printedHosts = (message: string): ReadonlyArray<Host> => {
  const [, address = "", port] = /edge\("([^"]+)"(?:, (\d+))?\)/.exec(message) ?? []
  const [, text = ""] = /"(edge:[^"]+)"/.exec(message) ?? []
  return [port === undefined ? edge(address) : edge(address, Number(port)), hostOf(text)]
}

describe("REQ-4: plain HTTP must be allowed explicitly", () => {
  it.each([
    ["http://192.0.2.7:8100", 'edge("192.0.2.7"), or the string "edge:192.0.2.7"'],
    ["http://192.0.2.7:9000", 'edge("192.0.2.7", 9000), or the string "edge:192.0.2.7:9000"'],
    ["http://192.0.2.7", 'edge("192.0.2.7", 80), or the string "edge:192.0.2.7:80"'],
    ["http://edge.example:8100/", 'edge("edge.example"), or the string "edge:edge.example"'],
    ["HTTP://EDGE.EXAMPLE:8100", 'edge("edge.example"), or the string "edge:edge.example"'],
    ["http://[2001:db8::7]:8100", 'edge("[2001:db8::7]"), or the string "edge:[2001:db8::7]"'],
    ["http://[2001:db8::7]:81", 'edge("[2001:db8::7]", 81), or the string "edge:[2001:db8::7]:81"'],
    ["http://127.0.0.1.example:8100", 'edge("127.0.0.1.example"), or the string "edge:127.0.0.1.example"'],
    ["http://localhost.example:8100", 'edge("localhost.example"), or the string "edge:localhost.example"']
  ])("REQ-4: %s is INSECURE_ORIGIN, and the values that the message suggests work", async (host, printed) => {
    const { origin } = new URL(host)
    const error = thrown(() => createDeeply({ apiKey, host }))
    expect(error).toMatchObject({ name: "TokenkeepError", code: "INSECURE_ORIGIN", reason: { origin } })
    const { message } = error as Error
    expect(message).toContain(origin)
    expect(message).toContain(printed)
    for (const made of printedHosts(message)) expect(new URL(made.baseUrl).origin).toBe(origin)
    const layer = Deeply.layerDefault({ apiKey, host })
    const failure = await Effect.runPromise(Effect.flip(Effect.provide(Deeply, layer)))
    expect(failure).toMatchObject({ code: "INSECURE_ORIGIN", message })
  })

  it("REQ-4: a Host without allowInsecureHttp and a URL object are rejected too", () => {
    const host = { name: "own", baseUrl: "http://192.0.2.7:8100", allowInsecureHttp: false }
    expect(thrown(() => createDeeply({ apiKey, host }))).toMatchObject({ code: "INSECURE_ORIGIN" })
    expect(thrown(() => createDeeply({ apiKey, host: new URL(host.baseUrl) }))).toMatchObject({
      code: "INSECURE_ORIGIN"
    })
    expect(createDeeply({ apiKey, host: { ...host, allowInsecureHttp: true } }).host.name).toBe("own")
  })

  it.each([
    "http://127.0.0.1:8100",
    "http://127.9.9.9",
    "http://localhost:81",
    "http://api.localhost",
    "http://[::1]:8100"
  ])("REQ-4: %s is this machine and is always allowed", (host) => {
    expect(createDeeply({ apiKey, host }).host).toEqual({ name: "custom", baseUrl: host, allowInsecureHttp: false })
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
  ])("REQ-4: %s allows plain HTTP", (_, host, baseUrl) => {
    expect(host).toEqual({ name: "edge", baseUrl, allowInsecureHttp: true })
    expect(createDeeply({ apiKey, host }).host.baseUrl).toBe(baseUrl)
  })

  it.each(apis)(
    "REQ-4: edge(), the edge: string and an IPv6 address reach their server ($api API)",
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
      expect(server.tokenRequests()).toBe(3)
    }
  )
})

describe("REQ-4: the environment", () => {
  it.each(apis)(
    "REQ-4: DEEPLY_HOST and DEEPLY_API_KEY are the defaults of the options ($api API)",
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

  it("REQ-4: an option takes precedence over the environment, and the cloud is the default", () => {
    vi.stubEnv("DEEPLY_HOST", "edge:192.0.2.7")
    expect(createDeeply({ apiKey }).host).toEqual(edge("192.0.2.7"))
    expect(createDeeply({ apiKey, host: "cloud" }).host).toBe(cloud)
    for (const nothing of ["", undefined]) {
      vi.stubEnv("DEEPLY_HOST", nothing)
      expect(createDeeply({ apiKey }).host).toBe(cloud)
    }
  })

  it("REQ-4: DEEPLY_HOST is checked like the option", () => {
    vi.stubEnv("DEEPLY_HOST", "http://192.0.2.7:8100")
    expect(thrown(() => createDeeply({ apiKey }))).toMatchObject({ code: "INSECURE_ORIGIN" })
  })

  it("REQ-4: an error about DEEPLY_HOST names the variable", () => {
    vi.stubEnv("DEEPLY_HOST", "192.0.2.7")
    expect(thrown(() => createDeeply({ apiKey }))).toMatchObject({
      message: expect.stringContaining("DEEPLY_HOST"),
      reason: { option: "host" }
    })
  })

  it.each(apis)(
    "REQ-4: without a key, the first use fails with API_KEY_MISSING, which names the variable ($api API)",
    async ({ send }) => {
      vi.stubEnv("DEEPLY_API_KEY", undefined)
      const server = await rawServer(ok)
      const error = await rejection(send({ host: server.url }, "/x"))
      expect(error).toMatchObject({ code: "API_KEY_MISSING", message: expect.stringContaining("DEEPLY_API_KEY") })
      expect(server.connections()).toBe(0)
    }
  )
})

describe("REQ-3: redirects from HTTPS to plain HTTP", () => {
  it("REQ-3: are REDIRECT_REFUSED with both APIs, and nothing is sent to the HTTP server", async () => {
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
    const refused = `REDIRECT_REFUSED ${host}/down redirects from https to plain http. `
    expect(stdout.split("\n")).toEqual([
      "promise 204",
      expect.stringContaining(`promise ${refused}`),
      expect.stringContaining(`Effect ${refused}`),
      ""
    ])
    expect(plain.connections()).toBe(0)
  })
})

describe("isTokenkeepError", () => {
  it("REQ-6: distinguishes the client's errors from the platform's", async () => {
    expect(isTokenkeepError(thrown(() => createDeeply({ apiKey, host: "http://192.0.2.7" })))).toBe(true)
    expect(isTokenkeepError(new TypeError("fetch failed"))).toBe(false)
  })
})
