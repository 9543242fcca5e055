import { metrics } from "@tokenkeep/core"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { probe } from "../../src/serve/probe.ts"
import { errorOf, sidecarBefore, sidecarOf } from "./support/servers.ts"

interface Message {
  readonly type: string
  readonly [name: string]: unknown
}

/** Reads server-sent events until one passes the test. */
const readEvents = async (url: string, isLast: (messages: ReadonlyArray<Message>) => boolean) => {
  const response = await fetch(`${url}/-/events`)
  expect(response.headers.get("content-type")).toBe("text/event-stream")
  const messages: Array<Message> = []
  let text = ""
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString()
    const events = text.split("\n\n")
    text = events.pop() ?? ""
    for (const event of events) {
      const [, name = "", data = ""] = /^event: (\S+)\ndata: (.*)$/.exec(event) ?? []
      const message = JSON.parse(data) as Message
      expect(message.type).toBe(name)
      messages.push(message)
    }
    if (isLast(messages)) break
  }
  return messages
}

describe("/-/health", () => {
  it("is ready with a token, and says which", async () => {
    await using fake = await startFakeDeeply()
    const { url } = await sidecarOf(fake.url, { apiKey: fake.apiKey })
    const response = await fetch(`${url}/-/health`)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      ready: true,
      state: "fresh",
      token: { id: expect.any(String), issuedAt: expect.any(Number) }
    })
    expect(await probe(new URL(url).host)).toMatchObject({ ready: true })
    expect(fake.stats.tokenRequests).toBe(1)
  })

  it("is not ready without an issuer, and ready again when it is back", async () => {
    const server = createServer((_, response) => response.end(JSON.stringify({ access_token: "token-1-5b2c" })))
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, "close")
    const { url } = await sidecarOf(`http://127.0.0.1:${port}`)
    const response = await fetch(`${url}/-/health`)
    expect(await response.clone().json()).toEqual({
      ready: false,
      state: expect.any(String),
      error: { code: "ISSUER_UNAVAILABLE", message: expect.any(String), fix: expect.stringMatching(/\.$/) }
    })
    expect(await errorOf(response)).toEqual({ status: 503, code: "ISSUER_UNAVAILABLE" })
    expect((await probe(new URL(url).host)).ready).toBe(false)
    server.listen(port, "127.0.0.1")
    await once(server, "listening")
    expect((await fetch(`${url}/-/health`)).status).toBe(200)
    server.closeAllConnections()
    server.close()
  })

  it("is not ready if the issuer does not respond in time", async () => {
    const { url } = await sidecarOf(
      await new Promise<string>((resolve) => {
        const server = createServer(() => undefined).unref()
        server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
      })
    )
    const response = await fetch(`${url}/-/health`)
    expect(await errorOf(response)).toEqual({ status: 503, code: "ISSUER_UNAVAILABLE" })
  })
})

describe("/-/metrics", () => {
  it("OBS-3: has the names of the metrics that are exported, and the requests by how they ended", async () => {
    const { url } = await sidecarBefore((request, response) => {
      if (request.url === "/reset") request.socket.destroy()
      else response.end()
    })
    await (await fetch(`${url}/x`)).text()
    await (await fetch(`${url}/reset`)).text()
    await (await fetch(`${url}/-/none`)).text()
    const response = await fetch(`${url}/-/metrics`)
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8")
    const text = await response.text()
    expect(text).toMatch(/^# TYPE tokenkeep_token_requests counter$/m)
    expect(text).toMatch(/^tokenkeep_token_requests \d+$/m)
    expect(text).toMatch(/^tokenkeep_token_request_millis_bucket\{le="5"\} \d+$/m)
    for (const outcome of ["served", "failed", "refused"]) {
      expect(text).toMatch(new RegExp(`^tokenkeep_sidecar_requests\\{outcome="${outcome}"\\} [1-9]`, "m"))
    }
    for (const line of text.trim().split("\n")) {
      expect(line).toMatch(/^(# (TYPE|HELP) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [-+\d.eInf]+)$/)
    }
  })

  it("OBS-3: has help for every metric, and the kinds and names of the documentation", async () => {
    const page = readFileSync(join(import.meta.dirname, "../../../../docs/operations.md"), "utf8")
    const documented = new Map(
      Array.from(page.matchAll(/^\| `(tokenkeep_\w+)` +\| (\w+)/gm), ([, name = "", kind]) => [name, kind])
    )
    expect([...documented.keys()].toSorted()).toEqual(Object.values(metrics).toSorted())
    // Some are for faults, which this process may not have had. Those that it had keep their own boundaries.
    await Effect.runPromise(
      Effect.forEach(documented, ([name, kind]) =>
        kind === "counter"
          ? Metric.update(Metric.counter(name, { incremental: true }), 0)
          : Metric.update(Metric.histogram(name, { boundaries: [1] }), 0)
      )
    )
    const { url } = await sidecarBefore((_, response) => response.end())
    const lines = (await (await fetch(`${url}/-/metrics`)).text()).split("\n")
    const found = new Map<string, string>()
    lines.forEach((line, i) => {
      const [, name, kind] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? []
      if (name === undefined || kind === undefined) return
      expect(lines[i - 1]).toMatch(new RegExp(`^# HELP ${name} [A-Z].+`))
      found.set(name, kind)
    })
    expect(found).toEqual(new Map([...documented, ["tokenkeep_sidecar_requests", "counter"]]))
  })
})

describe("/-/events", () => {
  it("SEC-1: begins with the whole picture, and sends what happens to the token, without it", async () => {
    await using fake = await startFakeDeeply()
    const { url } = await sidecarOf(fake.url, { apiKey: fake.apiKey, name: "main" })
    let sent: Promise<Response> | undefined
    const messages = await readEvents(url, (found) => {
      sent ??= fetch(`${url}/api/v1/mics`)
      return found.some((message) => (message["totals"] as Message | undefined)?.["served"] === 1)
    })
    expect((await sent)?.status).toBe(200)
    expect(messages[0]).toMatchObject({
      type: "state",
      controls: [],
      processes: [{ id: "sidecar", state: "running" }],
      connections: [{ id: "main", process: "sidecar", state: "none" }]
    })
    const events = messages.flatMap(({ event, type }) => (type === "token-event" ? [(event as Message).type] : []))
    expect(events).toEqual(expect.arrayContaining(["renewal-started", "issued"]))
    expect(messages).toContainEqual(expect.objectContaining({ type: "connection", id: "main", state: "usable" }))
    const counts = messages.findLast(({ type }) => type === "counts")
    expect(counts).toMatchObject({ totals: { served: 1, failed: 0, tokenRequests: 1 } })
    expect((await fetch(`${url}/-/events`, { method: "HEAD" })).status).toBe(405)
    const token = await (await fetch(`${url}/-/token`)).text()
    expect(token).toContain("TOKEN_HIDDEN")
    expect(JSON.stringify(messages)).not.toContain(fake.apiKey)
  })

  it("ends with the sidecar", async () => {
    const sidecar = await sidecarBefore((_, response) => response.end())
    const response = await fetch(`${sidecar.url}/-/events`)
    const reading = response.text()
    await sidecar.close()
    expect(await reading).toContain("event: state")
  })
})

describe("/-/console", () => {
  it("is one page under a strict policy", async () => {
    const { url } = await sidecarBefore((_, response) => response.end())
    const response = await fetch(`${url}/-/console`)
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8")
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'")
    expect(await response.text()).toContain("<!doctype html>")
  })
})
