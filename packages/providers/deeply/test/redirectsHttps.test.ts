import { createServer as createPlainServer, type RequestListener } from "node:http"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { getCACertificates, setDefaultCACertificates } from "node:tls"
import { createDeeply, Deeply, isTokenkeepError } from "@tokenkeep/deeply"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { certificate } from "./support/certificate.ts"
import { sampleKey } from "./support/clients.ts"

/** A request that one of the servers received after a redirect. */
interface Arrival {
  readonly at: "api" | "other https" | "http"
  readonly method: string
  readonly body: string
  readonly authorization: string | undefined
  readonly cookie: string | undefined
}

const statuses = [301, 302, 303, 307, 308]
const methods = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
const places = ["api", "other https", "http"] as const

const form = () => {
  const made = new FormData()
  made.set("a", "text")
  return made
}

const bodies: ReadonlyArray<readonly [name: string, make: () => BodyInit | undefined]> = [
  ["nothing", () => undefined],
  ["a text", () => "text"],
  ["bytes", () => new TextEncoder().encode("text")],
  ["a blob", () => new Blob(["text"])],
  ["a query", () => new URLSearchParams({ a: "text" })],
  ["a form", form]
]

describe("REQ-3: redirects from HTTPS, with all statuses, methods and bodies", () => {
  const trusted = getCACertificates("default")
  const closing: Array<() => unknown> = []
  let arrivals: Array<Arrival> = []
  const urls: Record<string, string> = {}

  const listener =
    (at: Arrival["at"]): RequestListener =>
    (request, response) => {
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        const { headers, method = "", url = "" } = request
        if (url === "/api/v1/auth/reissue") return response.end(JSON.stringify({ access_token: "token-1" }))
        const [, status, place] = /^\/from\/(\d+)\/(.+)$/.exec(decodeURI(url)) ?? []
        if (status !== undefined) {
          return response.writeHead(Number(status), { location: `${urls[place ?? ""]}/to` }).end()
        }
        const { authorization, cookie } = headers
        arrivals.push({ at, method, body: Buffer.concat(chunks).toString(), authorization, cookie })
        return response.end()
      })
    }

  beforeAll(async () => {
    const { cert, key, remove } = certificate()
    remove()
    setDefaultCACertificates([...trusted, cert])
    for (const at of places) {
      const server = at === "http" ? createPlainServer(listener(at)) : createServer({ cert, key }, listener(at))
      await new Promise<void>((resolve) => server.listen(0, resolve))
      closing.push(
        () => server.close(),
        () => server.closeAllConnections()
      )
      urls[at] = `${at === "http" ? "http" : "https"}://localhost:${(server.address() as AddressInfo).port}`
    }
  })

  afterAll(() => {
    for (const close of closing) close()
    setDefaultCACertificates(trusted)
  })

  const options = () => ({ apiKey: sampleKey, host: urls["api"]! })

  const throughPromises = () => {
    const client = createDeeply(options())
    return { send: client.fetch, end: () => client.dispose() }
  }

  const throughLayers = () => {
    const runtime = ManagedRuntime.make(Deeply.layerDefault(options()))
    const send = (input: string, init: RequestInit) =>
      runtime.runPromise(Deeply.use((deeply) => deeply.request(input, init)))
    return { send, end: () => Effect.runPromise(runtime.disposeEffect) }
  }

  /** Sends the request with the platform's fetch and a token, for comparison. */
  const bare = (input: string, init: RequestInit) => {
    const headers = { ...(init.headers as Record<string, string>), authorization: "Bearer token-1" }
    return fetch(`${urls["api"]}${input}`, { ...init, headers })
  }

  const arrived = async (
    send: (input: string, init: RequestInit) => Promise<Response>,
    path: string,
    init: RequestInit
  ) => {
    arrivals = []
    const outcome = await send(path, init).then(
      ({ status }) => status,
      (error: unknown) => (isTokenkeepError(error) ? error.code : String(error))
    )
    // The boundary of a form is random.
    return {
      outcome,
      arrivals: arrivals.map((each) => ({ ...each, body: each.body.replaceAll(/-*formdata\S+/g, "-") }))
    }
  }

  const cases = methods.flatMap((method) =>
    bodies
      .filter(([name]) => name === "nothing" || !["GET", "HEAD"].includes(method))
      .flatMap(([, make]) => statuses.map((status) => ({ method, make, status })))
  )

  it.each([
    ["promise", throughPromises],
    ["Effect", throughLayers]
  ] as const)(
    "are followed as by fetch on the same origin, without credentials and bodies to another, and never to plain HTTP (%s API)",
    async (_, open) => {
      expect(cases.length).toBe((2 + 5 * bodies.length) * statuses.length)
      const { end, send } = open()
      for (const { make, method, status } of cases) {
        const init = (): RequestInit => {
          const body = make()
          return { method, headers: { cookie: "own=1" }, ...(body === undefined ? undefined : { body }) }
        }
        const name = `${status} of a ${method}`
        const here = await arrived(send, `/from/${status}/api`, init())
        expect([name, here]).toEqual([name, await arrived(bare, `/from/${status}/api`, init())])

        const elsewhere = await arrived(send, `/from/${status}/other https`, init())
        const platform = await arrived(bare, `/from/${status}/other https`, init())
        const takesBody = platform.arrivals[0]?.body !== ""
        const followed = platform.arrivals.map((each) => ({ ...each, authorization: undefined, cookie: undefined }))
        const expected = takesBody
          ? { outcome: "REDIRECT_REFUSED", arrivals: [] }
          : { outcome: 200, arrivals: followed }
        expect([name, elsewhere]).toEqual([name, expected])

        const plain = await arrived(send, `/from/${status}/http`, init())
        expect([name, plain]).toEqual([name, { outcome: "REDIRECT_REFUSED", arrivals: [] }])
      }
      await end()
    }
  )
})
