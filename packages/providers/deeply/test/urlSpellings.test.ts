import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { createDeeply, Deeply, type DeeplyOptions } from "@tokenkeep/deeply"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { describe, expect, it, onTestFinished } from "vitest"
import { clientOf, rejection, sampleKey } from "./support/clients.ts"
import { ok, rawApi, rawServer } from "./support/servers.ts"

type Send = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>

/** Both APIs, each with one client for all inputs. */
const apis: ReadonlyArray<readonly [api: string, open: (options: DeeplyOptions) => Send]> = [
  [
    "promise",
    (options) => {
      const client = createDeeply(options)
      onTestFinished(() => client.dispose())
      return client.fetch
    }
  ],
  [
    "Effect",
    (options) => {
      const runtime = ManagedRuntime.make(Deeply.layerDefault(options))
      onTestFinished(() => runtime.dispose())
      return (input, init) => runtime.runPromise(Deeply.use((deeply) => deeply.request(input, init)))
    }
  ]
]

/** Characters before a URL that a URL parser removes or reads in another way. */
const before = ["", " ", "\t", "\n", "\r\n", "\0", "\u0001", "\u001f", "\u00a0", "\ufeff"]

/** Starts of a URL after which a host follows, or seems to follow. */
const schemes = [
  ..."http:// HTTP:// http:/ http: http:/// http://// http:\\\\ http:/\\ http:\\/ https:// ws:// ftp://".split(" "),
  ..."// /// //// \\\\ /\\ \\/ \\\\\\".split(" "),
  ..."ht\ttp:// http\n:// http:\t// http:/\r/ /\t/ /\n/ /\r/ \\\t\\".split(" ")
]

/** Spellings of the other server's host. */
const hosts = (port: number, api: string): ReadonlyArray<string> => [
  ...["127.0.0.1", "127.1", "0x7f.1", "0177.0.0.1", "2130706433", "127.0.0.1.", "localhost", "LOCALHOST."].map(
    (name) => `${name}:${port}`
  ),
  ...["[::ffff:127.0.0.1]", "127%2e0%2e0%2e1", "127\u30020\u30020\u30021", "\uff11\uff12\uff17.0.0.1"].map(
    (name) => `${name}:${port}`
  ),
  ...["user@", "user:pass@", ":@", `${api}@`, `${api}%2f@`, `${api}\\@`].map((user) => `${user}127.0.0.1:${port}`),
  `127.0.0.1:${port}#@${api}`,
  `127.0.0.1:${port}?@${api}`,
  `127.0.0.1:0${port}`
]

describe("REQ-3: a server on another port", () => {
  it.each(apis)("receives nothing, for any spelling of its URL (%s API)", async (_, open) => {
    const api = await rawApi(ok)
    let connections = 0
    // A plain TCP server: any connection is a failure.
    const elsewhere = createServer((socket) => {
      connections += 1
      socket.destroy()
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, resolve))
    onTestFinished(() => void elsewhere.close())
    const { port } = elsewhere.address() as AddressInfo
    const names = hosts(port, api.url.slice("http://".length))
    const inputs = before.flatMap((junk) =>
      schemes.flatMap((scheme) => names.map((name) => `${junk}${scheme}${name}/api/v1/events`))
    )
    expect(new Set(inputs).size).toBe(inputs.length)
    expect(inputs.length).toBeGreaterThan(5_000)

    const send = open({ apiKey: api.apiKey, host: api.url })
    const outcomes = new Map<string, Array<string>>()
    for (const input of inputs) {
      const outcome = await send(input).then(
        ({ url }) => `${new URL(url).origin === api.url}`,
        ({ code }: { code: string }) => code
      )
      outcomes.set(outcome, [...(outcomes.get(outcome) ?? []), input])
    }
    expect(connections).toBe(0)
    // The remaining inputs are paths: a backslash before "@" ends the host, which is the API's own.
    const stayed = outcomes.get("true") ?? []
    expect([...outcomes.keys()].toSorted()).toEqual(["ORIGIN_NOT_ALLOWED", "true"])
    for (const input of stayed) expect(input).toContain("\\@")
    for (const { headers } of api.general()) expect(headers.authorization).toMatch(/^Bearer token-\d$/)
  })

  const secrets = [
    ["Authorization", "Bearer own"],
    ["AUTHORIZATION", "Basic b3du"],
    ["Cookie", "session=own"],
    ["Proxy-Authorization", "Basic b3du"]
  ] as const

  const harmless = [
    ["Host", "api.example.test"],
    ["Origin", "https://api.example.test"],
    ["Referer", "https://api.example.test/x"],
    ["X-Forwarded-Host", "api.example.test"],
    ["X-Forwarded-Authorization", "none"],
    ["X-Original-URL", "/api/v1/auth/reissue"],
    ["Connection", "close"],
    ["Accept", "*/*"],
    ["X-Long", "x".repeat(8_000)],
    ["X-Latin", "caf\u00e9"],
    ["X-Empty", ""]
  ] as const

  const forms: ReadonlyArray<readonly [string, (name: string, value: string) => HeadersInit]> = [
    ["an object", (name, value) => ({ [name]: value })],
    ["pairs", (name, value) => [[name, value]]],
    ["Headers", (name, value) => new Headers([[name, value]])]
  ]

  const wanted = [...secrets, ...harmless].flatMap(([name, value]) =>
    forms.map(([form, make]) => ({ name, form, headers: (other: string = value) => make(name, other) }))
  )

  it.each(apis)("receives no credential with a redirect (%s API)", async (_, open) => {
    const elsewhere = await rawServer(ok)
    const api = await rawApi((_request, response) => response.writeHead(302, { location: `${elsewhere.url}/to` }).end())
    const send = open({ apiKey: api.apiKey, host: api.url })
    for (const { headers } of wanted) {
      const response = await send("/from", { headers: headers() })
      expect([response.status, response.url]).toEqual([200, `${elsewhere.url}/to`])
    }
    expect(elsewhere.requests).toHaveLength(wanted.length)
    for (const { headers, path } of elsewhere.requests) {
      for (const name of ["authorization", "cookie", "proxy-authorization"]) expect(headers).not.toHaveProperty(name)
      expect(`${path} ${JSON.stringify(headers)}`).not.toMatch(/token-\d|b3du|own/)
      expect(JSON.stringify(headers)).not.toContain(sampleKey)
    }
  })

  it.each(wanted.filter(({ name }) => !/^(authorization|host|connection)$/i.test(name)))(
    "an API key in the header $name, as $form, goes nowhere at all",
    async ({ headers }) => {
      const api = await rawApi(ok)
      const error = await rejection(clientOf(api).fetch("/x", { headers: headers(sampleKey) }))
      expect(error).toMatchObject({ code: "CREDENTIAL_MISUSED" })
      expect(api.general()).toEqual([])
    }
  )
})
