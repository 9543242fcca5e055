import { once } from "node:events"
import { describe, expect, it } from "vitest"
import { runProgram } from "./support/child.ts"
import { http } from "./support/servers.ts"

const program = new URL("./fixtures/clients.ts", import.meta.url)
const size = 64 * 1024 * 1024
const chunk = Buffer.alloc(64 * 1024)

/** Issues tokens, sends 64 MiB from /big, counts the bytes sent to /count, and sends one word from other paths. */
const startServer = () =>
  http(async (request, response) => {
    if (request.url?.endsWith("/reissue") === true) return response.end(JSON.stringify({ access_token: "token-1" }))
    if (request.url === "/count") {
      let bytes = 0
      for await (const received of request) bytes += (received as Buffer).byteLength
      return response.end(`${bytes}`)
    }
    if (request.url !== "/big") return response.end("word")
    const abort = new AbortController()
    response.once("close", () => abort.abort())
    for (let sent = 0; sent < size && !response.destroyed; sent += chunk.byteLength) {
      if (!response.write(chunk)) await once(response, "drain", { signal: abort.signal }).catch(() => undefined)
    }
    return response.end()
  })

const run = async (scenario: string) => runProgram(program, { URL: (await startServer()).url, SCENARIO: scenario })

describe("a process with a client over undici", () => {
  it("RUN-2: exits while its connections are idle", async () => {
    expect(await run("idle")).toEqual([true])
  })

  it("RUN-2: has no sockets and no timers after dispose()", async () => {
    expect(await run("dispose")).toEqual([[]])
  })

  it("REQ-6: streams a 64 MiB response without buffering it", async () => {
    const [result] = (await run("down")) as [{ readonly bytes: number; readonly grown: number }]
    expect(result.bytes).toBe(size)
    expect(result.grown).toBeLessThan(32)
  })

  it("REQ-2: streams a 64 MiB request without buffering it", async () => {
    const [result] = (await run("up")) as [{ readonly bytes: number; readonly grown: number }]
    expect(result.bytes).toBe(size)
    expect(result.grown).toBeLessThan(32)
  })

  it.each(["Unread", "WithItsStream", "AfterOneChunk", "WithItsClone", "AfterUpload"])(
    "RUN-2: closes the connection of a response that was collected: dropped%s",
    async (use) => {
      const printed = await run(`dropped${use}`)
      expect(printed.slice(0, -1)).toEqual([200, 200, 200, 200, 200])
      expect(printed.at(-1)).toBeLessThanOrEqual(2)
    }
  )

  it("RUN-2: keeps no response after its body was read", async () => {
    const [retained] = (await run("retained")) as [number]
    expect(retained).toBeLessThan(10)
  })
})
