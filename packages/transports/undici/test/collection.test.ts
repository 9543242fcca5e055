import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Agent } from "undici"
import { expect, it, onTestFinished } from "vitest"
import { type Head, IncomingResponse } from "../src/internal/IncomingResponse.ts"
import { toUndiciRequest } from "../src/internal/request.ts"
import { UndiciResponse } from "../src/internal/UndiciResponse.ts"
import { http } from "./support/servers.ts"
import { openTransport, until } from "./support/transports.ts"

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

const ignore = (): void => undefined

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
    kept.response = new UndiciResponse(url, head, incoming)
    resolve(new WeakRef(kept.response))
  }
  const incoming = new IncomingResponse(undefined, { onHead, onError: () => kept.response }, ignore)
  incoming.start(agent, toUndiciRequest(url, {}, incoming.onBodyError))
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
