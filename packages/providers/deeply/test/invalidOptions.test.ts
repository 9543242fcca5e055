import { TokenStorage } from "@tokenkeep/core"
import { createDeeply, type CreateDeeplyOptions, Deeply, type DeeplyOptions, edge, type Host } from "@tokenkeep/deeply"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { describe, expect, it } from "vitest"
import { clientOf, apis, fakeServer, rejection, sampleKey, thrown } from "./support/clients.ts"
import { ok, rawServer } from "./support/servers.ts"

const apiKey = sampleKey

/** The failure of the layer, or of its first request. */
const failureOf = (options: DeeplyOptions): Promise<unknown> => {
  const program = Deeply.use((deeply) => deeply.request("/x"))
  return Effect.runPromise(Effect.flip(Effect.provide(program, Deeply.layerDefault(options))))
}

const malformed: ReadonlyArray<readonly [name: string, key: unknown, message: RegExp]> = [
  ["empty", "", /is empty/],
  ["blank", "   ", /is blank/],
  ["a line break alone", "\n", /is empty/],
  ["with CR/LF in it", "CANARY9f2c\r\nx-injected: 1", /control character/],
  ["with two trailing line breaks", "CANARY9f2c\n\n", /control character/],
  ["with a tab", "CANARY9f2c\tmore", /control character/],
  ["with NUL", "CANARY9f2c\0", /control character/],
  ["with a space in it", "CANARY9f2c more", /space/],
  ["with a leading space", " CANARY9f2c", /space/],
  ["outside ASCII", "CANARY9f2cключ", /ASCII/],
  ["with a no-break space", "CANARY9f2c\u00a0", /ASCII/],
  ["over 8 KiB", "CANARY".repeat(1_400), /8192/],
  ["in double quotes", '"CANARY9f2c"', /quotes/],
  ["in single quotes", "'CANARY9f2c'", /quotes/],
  ["with its scheme", "Bearer CANARY9f2c", /Bearer/],
  ["with its scheme in lower case", "bearer CANARY9f2c", /Bearer/],
  ["a placeholder", "YOUR_API_KEY", /placeholder/],
  ["another placeholder", "<your key>", /placeholder|space/],
  ["a template that was not filled in", "${DEEPLY_API_KEY}", /placeholder/],
  ["the word undefined", "undefined", /placeholder/],
  ["a number", 5, /not a string/],
  ["null", null, /not a string/],
  ["an object", { key: "CANARY9f2c" }, /not a string/]
]

describe("SEC-2: the API key is checked", () => {
  // The option null means the same as undefined: the environment variable is used.
  const literal = malformed.filter(([, key]) => key !== null)

  it.each(literal)(
    "SEC-2: a literal key that is %s is API_KEY_MALFORMED when the client is created",
    async (_, key, message) => {
      const server = await rawServer(ok)
      const options = { apiKey: key as string, host: server.url }
      const error = thrown(() => createDeeply(options))
      expect(error).toMatchObject({
        name: "TokenkeepError",
        code: "API_KEY_MALFORMED",
        message: expect.stringMatching(message)
      })
      expect(String(error)).not.toContain("CANARY")
      expect(await failureOf(options)).toMatchObject({ code: "API_KEY_MALFORMED", message: (error as Error).message })
      expect(server.connections()).toBe(0)
    }
  )

  it.each(malformed)(
    "SEC-2: a key from a function that is %s is API_KEY_MALFORMED on use, with both APIs",
    async (_, key, message) => {
      const server = await rawServer(ok)
      for (const { send } of apis) {
        const error = await rejection(send({ apiKey: () => key as string, host: server.url }, "/x"))
        expect(error).toMatchObject({ code: "API_KEY_MALFORMED", message: expect.stringMatching(message) })
        expect(String(error)).not.toContain("CANARY")
      }
      expect(server.connections()).toBe(0)
    }
  )

  it.each(apis)("SEC-2: one trailing line break of a key is removed, LF or CR/LF ($api API)", async ({ send }) => {
    const server = await fakeServer()
    for (const end of ["\n", "\r\n"]) {
      const options = { apiKey: server.apiKey + end, host: server.host }
      expect((await send(options, "/api/v1/events")).status).toBe(200)
    }
    expect(server.stats).toMatchObject({ tokenRequests: 2, byStatus: { 200: 4 } })
  })

  it.each<[string, (key: string) => CreateDeeplyOptions["apiKey"]]>([
    ["a string", (key) => key],
    ["a Redacted", (key) => Redacted.make(key)],
    ["a function", (key) => () => key],
    ["a function that returns a promise", (key) => async () => key],
    ["a function that returns a Redacted", (key) => () => Redacted.make(key)]
  ])("KEY-3: the key can be %s", async (_, source) => {
    const server = await fakeServer()
    for (const { send } of apis) {
      const options = { apiKey: source(server.apiKey), host: server.host }
      expect((await send(options, "/api/v1/events")).status).toBe(200)
    }
  })

  it.each<[string, () => string, string]>([
    [
      "throws",
      () => {
        throw new Error("CANARY in the vault")
      },
      "CREDENTIAL_SOURCE_FAILED"
    ],
    ["rejects", () => Promise.reject(new Error("CANARY in the vault")) as never, "CREDENTIAL_SOURCE_FAILED"],
    ["returns nothing", () => undefined as never, "API_KEY_MISSING"]
  ])(
    "KEY-3: a key source that %s is a typed error with both APIs, which does not repeat the original message",
    async (_, source, code) => {
      const server = await rawServer(ok)
      for (const { send } of apis) {
        const error = await rejection(send({ apiKey: source, host: server.url }, "/x"))
        expect(error).toMatchObject({ name: "TokenkeepError", code })
        expect(String((error as Error).stack)).not.toContain("CANARY")
      }
      expect(server.connections()).toBe(0)
    }
  )

  it("KEY-3: the key source is called for each token request, not for each request", async () => {
    const server = await fakeServer()
    let calls = 0
    const deeply = clientOf(server, { apiKey: () => ((calls += 1), server.apiKey) })
    for (let call = 0; call < 5; call += 1) await deeply.fetch("/api/v1/events")
    expect(calls).toBe(1)
    server.expireTokens()
    await deeply.fetch("/api/v1/events")
    expect(calls).toBe(2)
  })
})

describe("REQ-4: the host is checked", () => {
  it.each<[string, unknown, RegExp]>([
    ["not a URL", "openapi.deeplyinc.com", /not a URL/],
    ["a path", "/api", /not a URL/],
    ["ftp:", "ftp://openapi.deeplyinc.com", /ftp:/],
    ["a file", "file:///etc/hosts", /file:/],
    ["javascript:", "javascript:alert(1)", /javascript:/],
    ["a user name and password", "https://user:CANARY@openapi.deeplyinc.com", /user name/],
    ["a user name alone", "https://user@openapi.deeplyinc.com", /user name/],
    ["a query", "https://openapi.deeplyinc.com/?key=CANARY", /query/],
    ["an empty query", "https://openapi.deeplyinc.com/?", /query/],
    ["a fragment", "https://openapi.deeplyinc.com/#CANARY", /fragment/],
    ["a port that fetch blocks", "https://openapi.deeplyinc.com:6000", /6000/],
    ["a blocked port on loopback", "http://127.0.0.1:22", /22/],
    ["a port out of range", "https://openapi.deeplyinc.com:65536", /not a URL/],
    ["an edge without an address", "edge:", /host name/],
    ["an edge with a path", "edge:box.local/api", /host name/],
    ["an edge with a user", "edge:user@box.local", /host name/],
    ["an edge with a blocked port", "edge:box.local:6000", /6000/],
    ["an edge with port 0", "edge:box.local:0", /port/],
    ["an edge with a port out of range", "edge:box.local:70000", /port/],
    ["a number", 5, /neither/],
    ["null", null, /neither/],
    ["an object without a base URL", {}, /neither/],
    ["the cloud in capitals", "Cloud", /"cloud".*"edge:ADDRESS\[:PORT\]".*https URL/],
    ["a host name", "box.local", /"cloud".*"edge:ADDRESS\[:PORT\]".*https URL/],
    ["a host name with a port", "box.local:8100", /"cloud".*"edge:ADDRESS\[:PORT\]".*https URL/],
    ["an address", "192.168.0.10", /"cloud".*"edge:ADDRESS\[:PORT\]".*https URL/],
    ["an address with a port", "192.168.0.10:8100", /"cloud".*"edge:ADDRESS\[:PORT\]".*https URL/],
    ["an IPv6 address", "[2001:db8::1]:8100", /"cloud".*"edge:ADDRESS\[:PORT\]".*https URL/],
    ["the base of the endpoints", "https://openapi.deeplyinc.com/api/v1", /contains \/api\/v1, which is added/],
    ["the base of the endpoints with a slash", "https://gate.example/x/api/v1/", /contains \/api\/v1, which is added/],
    ["an endpoint", "https://openapi.deeplyinc.com/api/v1/events", /contains \/api\/v1, which is added/],
    ["a URL object of an endpoint", new URL("https://openapi.deeplyinc.com/api/v1/events"), /contains \/api\/v1/],
    [
      "an object with an endpoint",
      { name: "x", baseUrl: "https://x.test/api/v1", allowInsecureHttp: false },
      /\/api\/v1/
    ]
  ])("REQ-4: a host that is %s is CONFIG_INVALID with the option's name, with both APIs", async (_, host, message) => {
    const options = { apiKey, host: host as string }
    const error = thrown(() => createDeeply(options))
    expect(error).toMatchObject({
      name: "TokenkeepError",
      code: "CONFIG_INVALID",
      reason: { option: "host" },
      message: expect.stringMatching(message)
    })
    expect(String(error)).not.toContain("CANARY")
    expect(await failureOf(options)).toMatchObject({ code: "CONFIG_INVALID", message: (error as Error).message })
  })

  it.each([
    ["", 8_100],
    ["two words", 8_100],
    ["http://box.local", 8_100],
    ["box.local/api", 8_100],
    ["box.local", 0],
    ["box.local", 65_536],
    ["box.local", 1.5],
    ["box.local", Number.NaN]
  ])("REQ-4: edge(%j, %d) is CONFIG_INVALID", (address, port) => {
    expect(thrown(() => edge(address, port))).toMatchObject({ code: "CONFIG_INVALID", reason: { option: "host" } })
  })

  it.each<[string, string, unknown]>([
    ["host.allowInsecureHttp", "the word false", { ...edge("192.0.2.7"), allowInsecureHttp: "false" }],
    ["host.allowInsecureHttp", "a number", { ...edge("192.0.2.7"), allowInsecureHttp: 1 }],
    ["host.allowInsecureHTTP", "an unknown name", { name: "x", baseUrl: "http://192.0.2.7", allowInsecureHTTP: true }]
  ])("REQ-4: %s that is %s is CONFIG_INVALID, with both APIs", async (option, _, host) => {
    const options = { apiKey, host: host as Host }
    expect(thrown(() => createDeeply(options))).toMatchObject({ code: "CONFIG_INVALID", reason: { option } })
    expect(await failureOf(options)).toMatchObject({ code: "CONFIG_INVALID", reason: { option } })
  })

  it.each([
    ["https://OPENAPI.DeeplyInc.com", "https://openapi.deeplyinc.com"],
    ["HTTPS://openapi.deeplyinc.com:443/", "https://openapi.deeplyinc.com"],
    ["https://bücher.example", "https://xn--bcher-kva.example"],
    ["https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"],
    ["https://[2001:DB8:0::1]/", "https://[2001:db8::1]"],
    ["https://gate.example/deeply/", "https://gate.example/deeply"],
    [" https://gate.example ", "https://gate.example"]
  ])("REQ-4: the host %j is normalized to %j", (host, baseUrl) => {
    expect(createDeeply({ apiKey, host }).host).toEqual({ name: "custom", baseUrl, allowInsecureHttp: false })
  })

  it.each(apis)("REQ-4: IPv6 loopback, LOCALHOST and a base path work ($api API)", async ({ send }) => {
    const server = await fakeServer()
    const { port } = new URL(server.url)
    for (const host of [`http://LOCALHOST:${port}`, `HTTP://127.0.0.1:${port}/`]) {
      expect((await send({ apiKey: server.apiKey, host }, "/api/v1/events")).status).toBe(200)
    }
    const ipv6 = await rawServer((_, response) => response.end('{"access_token":"token-1"}'), "::1")
    expect((await send({ apiKey, host: `${ipv6.url}/base` }, "/x")).status).toBe(200)
    expect(ipv6.requests.map(({ path }) => path)).toEqual(["/base/api/v1/auth/reissue", "/base/x"])
  })
})

describe("other options", () => {
  it.each<[string, object]>([
    ["redirects", { redirects: "follow" }],
    ["redirects", { redirects: "" }],
    ["replayBodyLimit", { replayBodyLimit: -1 }],
    ["replayBodyLimit", { replayBodyLimit: 1.5 }],
    ["replayBodyLimit", { replayBodyLimit: Number.NaN }],
    ["tokenRequest.deadline", { tokenRequest: { deadline: 0 } }],
    ["tokenRequest.deadline", { tokenRequest: { deadline: -5 } }],
    ["tokenRequest.deadline", { tokenRequest: { deadline: Infinity } }],
    ["tokenRequest.deadline", { tokenRequest: { deadline: Number.NaN } }],
    ["tokenRequest.deadline", { tokenRequest: { deadline: "soon" } }],
    ["tokenRequest.tries", { tokenRequest: { tries: 0 } }],
    ["tokenRequest.tries", { tokenRequest: { tries: 2.5 } }],
    ["tokenRequest.tries", { tokenRequest: { tries: "3" } }],
    ["tokenRequest.maxBody", { tokenRequest: { maxBody: 0 } }],
    ["renewal", { renewal: [] }],
    ["renewal", { renewal: new Map([["window", 1]]) }],
    ["budget", { budget: new Date(0) }]
  ])("TOK-10: a wrong value of %s is CONFIG_INVALID with its name, with both APIs: %j", async (option, bad) => {
    const options = { apiKey, host: "https://api.example", ...bad } as DeeplyOptions
    const error = thrown(() => createDeeply(options))
    expect(error).toMatchObject({
      code: "CONFIG_INVALID",
      reason: { option },
      message: expect.stringContaining(option)
    })
    expect(await failureOf(options)).toMatchObject({ code: "CONFIG_INVALID", reason: { option } })
  })
})

/** Each name that no option has, with the name that its error suggests. */
const unknown: ReadonlyArray<readonly [option: string, meant: string, options: object]> = [
  ["baseUrl", "host", { baseUrl: "https://staging.example" }],
  ["apikey", "apiKey", { apikey: "sk-live-2f6c1d" }],
  ["api_key", "apiKey", { api_key: "sk-live-2f6c1d" }],
  ["hots", "host", { hots: "cloud" }],
  ["Host", "host", { Host: "cloud" }],
  ["redirect", "redirects", { redirect: "refuse" }],
  ["storageTimout", "storageTimeout", { storageTimout: 5 }],
  ["rateLimit", "rateLimits", { rateLimit: false }],
  ["fallback", "fallbackStorage", { fallback: undefined }],
  ["provider", "host", { provider: {} }],
  ["tokenRequest.retries", "tries", { tokenRequest: { retries: 1 } }],
  ["budget.perMinute", "perSecond", { budget: { perMinute: 1 } }],
  ["keyCooldown.maximum", "max", { keyCooldown: { maximum: 1 } }],
  ["renewal.windows", "window", { renewal: { windows: 1 } }],
  ["rateLimits.persecond", "perSecond", { rateLimits: { persecond: 1 } }]
]

describe("options that are an instance of a class", () => {
  it("STO-5: are used with what a getter returns, such as an encryption key", async () => {
    const server = await fakeServer()
    const saved: Array<string> = []
    const storage = Layer.effect(
      TokenStorage,
      Effect.map(TokenStorage, (memory) => ({
        ...memory,
        save: (name, record) => {
          saved.push(record.text)
          return memory.save(name, record)
        }
      }))
    ).pipe(Layer.provide(MemoryStorage.layer()))
    class Options {
      readonly storage = storage
      get apiKey() {
        return server.apiKey
      }
      get host() {
        return server.host
      }
      get encryptionKey() {
        return "0123456789abcdef0123456789abcdef"
      }
    }
    await using deeply = createDeeply(new Options())
    const token = (await deeply.token()).reveal()
    expect(saved).not.toEqual([])
    expect(saved.join()).not.toContain(token)
  })

  it.each(["transport", "storage", "telemetry"])("the adapter %s that is null is CONFIG_INVALID", (option) => {
    const error = thrown(() => createDeeply({ apiKey, [option]: null }))
    expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: { option } })
  })
})

describe("an option that does not exist", () => {
  it.each(unknown)("%s is CONFIG_INVALID and its error names %s, with both APIs", async (option, meant, bad) => {
    const options = { apiKey, ...bad } as DeeplyOptions
    const error = thrown(() => createDeeply(options))
    expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: { option }, fix: expect.stringContaining(meant) })
    expect(await failureOf(options)).toMatchObject({ code: "CONFIG_INVALID", reason: { option } })
  })

  it("an adapter is an option of createDeeply alone", async () => {
    const error = await failureOf({ apiKey, storage: undefined } as DeeplyOptions)
    expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: { option: "storage" } })
    expect(createDeeply({ apiKey, storage: undefined, transport: undefined, telemetry: undefined }).host.name).toBe(
      "cloud"
    )
  })

  it.each([null, "sk-live-2f6c1d", 5, () => ({}), [], new Map()])(
    "options that are %j are CONFIG_INVALID",
    async (options) => {
      const error = thrown(() => createDeeply(options as never))
      expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: { option: "options" } })
      expect(String(error)).not.toContain("sk-live")
      expect(await failureOf(options as never)).toMatchObject({ code: "CONFIG_INVALID", reason: { option: "options" } })
    }
  )

  it.each<[string, object]>([
    ["auth", { auth: "false" }],
    ["ownAuthorization", { ownAuthorization: "Replace" }],
    ["ownAuthorisation", { ownAuthorisation: "replace" }]
  ])("%s of fetchWith is CONFIG_INVALID at once", (option, options) => {
    const error = thrown(() => createDeeply({ apiKey }).fetchWith(options))
    expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: { option } })
  })

  it("an option of a typed call is CONFIG_INVALID", async () => {
    const { mics } = createDeeply({ apiKey })
    const error = await rejection(mics.list({}, { timeout: 5 } as never))
    expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: { option: "timeout" } })
  })
})

describe("a custom fetch that returns no response", () => {
  it.each([
    ["undefined", undefined],
    ["object", { ok: true, json: async () => ({ access_token: "dt_2f6c1d" }) }]
  ])("is CONFIG_INVALID that says so, for a token request and for an API request: %s", async (type, returned) => {
    const server = await fakeServer()
    for (const path of ["/reissue", "/mics"]) {
      const transport = FetchTransport.layer({
        fetch: (url, init) => (url.endsWith(path) ? Promise.resolve(returned as unknown as Response) : fetch(url, init))
      })
      const program = Deeply.use((deeply) => deeply.request("/api/v1/mics"))
      const layer = Deeply.layer({ apiKey: server.apiKey, host: server.url })
      const adapters = Layer.mergeAll(transport, MemoryStorage.layer())
      const failures = [
        await rejection(clientOf(server, { transport }).fetch("/api/v1/mics")),
        await Effect.runPromise(Effect.flip(Effect.provide(program, Layer.provide(layer, adapters))))
      ]
      for (const failure of failures) {
        expect(failure).toMatchObject({
          reason: { _tag: "ConfigInvalid", option: "fetch" },
          message: `The option fetch returned ${type}, not a Response. Return a Response, or omit it.`
        })
      }
    }
  })
})
