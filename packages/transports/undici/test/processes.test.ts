import { once } from "node:events"
import { describe, expect, it } from "vitest"
import { told } from "./support/child.ts"
import { http } from "./support/servers.ts"

const clients = new URL("./fixtures/clients.ts", import.meta.url)
const size = 64 * 1024 * 1024
const piece = Buffer.alloc(64 * 1024)

/** Issues tokens, pours out 64 MiB, counts what it is sent, and answers the rest with a word. */
const server = () =>
  http(async (request, response) => {
    if (request.url?.endsWith("/reissue") === true) return response.end(JSON.stringify({ access_token: "token-1" }))
    if (request.url === "/count") {
      let bytes = 0
      for await (const chunk of request) bytes += (chunk as Buffer).byteLength
      return response.end(`${bytes}`)
    }
    if (request.url !== "/big") return response.end("word")
    const abort = new AbortController()
    response.once("close", () => abort.abort())
    for (let sent = 0; sent < size && !response.destroyed; sent += piece.byteLength) {
      if (!response.write(piece)) await once(response, "drain", { signal: abort.signal }).catch(() => undefined)
    }
    return response.end()
  })

const run = async (how: string) => told(clients, { URL: (await server()).url, HOW: how })

describe("a process with a client over undici", { timeout: 70_000 }, () => {
  it("RUN-2: ends by itself while its connections are idle", async () => {
    expect(await run("idle")).toEqual([true])
  })

  it("RUN-2: has no socket and no timer left after a dispose", async () => {
    expect(await run("dispose")).toEqual([[]])
  })

  it("REQ-6: streams 64 MiB down without holding them", async () => {
    const [found] = (await run("down")) as [{ readonly bytes: number; readonly grown: number }]
    expect(found.bytes).toBe(size)
    expect(found.grown).toBeLessThan(32)
  })

  it("REQ-2: streams 64 MiB up without holding them", async () => {
    const [found] = (await run("up")) as [{ readonly bytes: number; readonly grown: number }]
    expect(found.bytes).toBe(size)
    expect(found.grown).toBeLessThan(32)
  })

  it("RUN-2: frees the connections of answers that were dropped unread", async () => {
    const found = await run("dropped")
    expect(found.slice(0, -1)).toEqual([200, 200, 200, 200, 200])
    expect(found.at(-1)).toBeLessThanOrEqual(2)
  })
})
