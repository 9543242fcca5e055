import { createDeeply } from "@tokenkeep/deeply"
import { UndiciTransport } from "@tokenkeep/transport-undici"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { gzipSync } from "node:zlib"
import { Agent } from "undici"
import { describe, expect, it, onTestFinished } from "vitest"
import { type Head, IncomingResponse } from "../src/internal/IncomingResponse.ts"
import { toUndiciRequest } from "../src/internal/request.ts"
import { UndiciResponse } from "../src/internal/UndiciResponse.ts"
import { http } from "./support/servers.ts"
import { openTransport, rejectionOf, until } from "./support/transports.ts"

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

const ignore = (): void => undefined

/** Collects until finalizers of the collection before have run as well. */
const collectAll = async () => {
  for (let round = 0; round < 5; round += 1) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Waits until an object is collected. The timeout of the test ends the wait. */
const untilCollected = (ref: WeakRef<object>): Promise<void> =>
  until(() => {
    collect()
    return ref.deref() === undefined
  })

const unfinished = () => http((_, response) => response.write("unfinished"))

/** The callbacks keep the response, as the resolve function of a promise does in Node 22 and 24. */
const sendKeepingResponse = async (url: string, agent: Agent) => {
  const { promise, resolve } = Promise.withResolvers<WeakRef<Response>>()
  const kept: { response?: Response } = {}
  const onHead = (head: Head) => {
    kept.response = new UndiciResponse(url, head, incoming, { decode: true })
    resolve(new WeakRef(kept.response))
  }
  const incoming = new IncomingResponse(undefined, { onHead, onError: () => kept.response }, ignore)
  incoming.start(agent, toUndiciRequest(url, {}, { decode: true, onBodyError: incoming.onBodyError }))
  return promise
}

it("RUN-2: an unread response is collected although its callbacks reach it, and its connection closes", async () => {
  const server = await unfinished()
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  await untilCollected(await sendKeepingResponse(server.url, agent))
  await until(() => server.open() === 0)
  expect(server.sockets.length).toBe(1)
})

it("RUN-2: an unread response is collected although a listener on its signal reaches it", async () => {
  const server = await unfinished()
  const { send } = await openTransport()
  const sendOnce = async () => {
    const { signal } = new AbortController()
    const response = (await send(server.url, { signal })).toResponse()
    signal.addEventListener("abort", () => response.body?.cancel())
    return new WeakRef(response)
  }
  await untilCollected(await sendOnce())
  await until(() => server.open() === 0)
  expect(server.sockets.length).toBe(1)
})

it("RUN-2: a cancelled body is collected although the stack of the cancellation reaches it", async () => {
  const server = await unfinished()
  const { send } = await openTransport()
  const cancelOnce = async () => {
    const { body } = (await send(server.url, {})).toResponse()
    await body?.cancel()
    return new WeakRef(body!)
  }
  await untilCollected(await cancelOnce())
  await until(() => server.open() === 0)
  expect(server.sockets.length).toBe(1)
})

describe("REQ-6: an abort after a garbage collection, by the signal of a Request", () => {
  /** A server that responds with a part of a body, which is compressed or not, and with nothing to `/silent`. */
  const start = (onSilent: () => void) =>
    http((request, response) => {
      if (request.url === "/silent") return onSilent()
      if (request.url?.endsWith("/reissue") === true) return response.end('{"access_token":"token-2f6c1d"}')
      const gzip = request.url === "/gzip" && gzipSync("unfinished")
      if (gzip) response.setHeader("content-encoding", "gzip")
      return response.write(gzip || "unfinished")
    })

  const uses: ReadonlyArray<readonly [what: string, path: string, use: (response: Response) => Promise<unknown>]> = [
    ["ends a pending request", "/silent", async () => undefined],
    ["ends text()", "/", (response) => response.text()],
    ["ends text() of a compressed body", "/gzip", (response) => response.text()],
    ["ends blob()", "/", (response) => response.blob()],
    ["ends text() of a clone", "/", (response) => response.clone().text()],
    ["ends text() of a copy", "/", (response) => new Response(response.body).text()],
    [
      "ends the next read of a stream",
      "/",
      async ({ body }) => {
        const reader = body!.getReader()
        await reader.read()
        await collectAll()
        return reader.read()
      }
    ],
    [
      "ends a read that starts after the collection",
      "/",
      async (response) => {
        await collectAll()
        return response.text()
      }
    ]
  ]

  it.each(uses)("REQ-6: %s", async (_, path, use) => {
    let isUnderway = false
    const setUnderway = () => void (isUnderway = true)
    const server = await start(setUnderway)
    const transport = UndiciTransport.layer()
    await using deeply = createDeeply({ apiKey: "undici-key-2f6c1d9a", host: server.url, transport })
    await deeply.token()
    const abort = new AbortController()
    const send = async () => {
      const response = await deeply.fetch(new Request(server.url + path.slice(1), { signal: abort.signal }))
      setUnderway()
      return use(response)
    }
    const ended = rejectionOf(send())
    await until(() => isUnderway)
    await collectAll()
    abort.abort("enough")
    expect(await ended).toBe("enough")
    await until(() => server.open() <= 1)
  })
})
