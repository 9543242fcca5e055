import { makeConsoleFeed } from "console-page"
import { request } from "node:http"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { startConsoleServer } from "../src/console/ConsoleServer.ts"

interface Answer {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

describe("the server of the console", () => {
  let server: Awaited<ReturnType<typeof startConsoleServer>>
  let expired = 0
  const feed = makeConsoleFeed({ title: "a fleet", window: 60_000, interval: 1_000, now: () => 1_000_000 })

  beforeAll(async () => {
    server = await startConsoleServer({ feed, port: 0, controls: { expire: () => void (expired += 1) } })
  })
  beforeEach(() => {
    expired = 0
  })
  afterAll(() => server[Symbol.asyncDispose]())

  /** Not `fetch`, which sets `Host` itself. */
  const send = (method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      request({ host: "127.0.0.1", port: server.port, method, path, headers }, (response) => {
        let body = ""
        response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk))
        response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }))
      })
        .once("error", reject)
        .end()
    })
  const own = () => ({ origin: `http://127.0.0.1:${server.port}` })

  it("sends the page with a policy that allows no external resource", async () => {
    const { body, headers, status } = await send("GET", "/-/console")
    expect(status).toBe(200)
    expect(headers["content-security-policy"]).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-/
    )
    expect(body).not.toMatch(/\b(src|href)="(?!data:)/)
  })

  it("runs a control for its own page", async () => {
    expect((await send("POST", "/-/controls/expire", own())).status).toBe(204)
    expect(expired).toBe(1)
  })

  it.each([
    ["a page of another origin", "POST", "/-/controls/expire", () => ({ origin: "https://foreign.test" }), 403],
    ["a request that no page sent", "POST", "/-/controls/expire", () => ({}), 403],
    ["a link", "GET", "/-/controls/expire", own, 405],
    ["a control that does not exist", "POST", "/-/controls/constructor", own, 404],
    ["a name that points to this host", "POST", "/-/controls/expire", () => ({ host: "foreign.test" }), 421],
    ["the page at such a name", "GET", "/-/console", () => ({ host: "foreign.test" }), 421],
    ["events at such a name", "GET", "/-/events", () => ({ host: `foreign.test:${server.port}` }), 421],
    ["another path", "GET", "/-/token", () => ({}), 404]
  ] as const)("refuses %s", async (_what, method, path, headers, status) => {
    expect((await send(method, path, headers())).status).toBe(status)
    expect(expired).toBe(0)
  })

  it("sends the complete picture first, and then each change", async () => {
    const response = await fetch(`http://127.0.0.1:${server.port}/-/events`)
    expect(response.headers.get("content-type")).toBe("text/event-stream")
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ""
    const readUntil = async (part: string) => {
      while (!text.includes(part)) text += (await reader.read()).value ?? ""
    }
    await readUntil('"title":"a fleet"')
    feed.note("All tokens expired")
    await readUntil("event: note\n")
    expect(text).toMatch(
      /^retry: 1000\n\nevent: state\ndata: \{"type":"state".*\}\n\nevent: note\ndata: \{"type":"note"/
    )
    await reader.cancel()
  })
})
