import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Agent } from "undici"
import { expect, it, onTestFinished } from "vitest"
import { type Head, IncomingResponse } from "../src/internal/IncomingResponse.ts"
import { toUndiciRequest } from "../src/internal/request.ts"
import { UndiciResponse } from "../src/internal/UndiciResponse.ts"
import { http } from "./support/servers.ts"
import { until } from "./support/transports.ts"

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

const ignore = (): void => undefined

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
  return { incoming, response: await promise }
}

it("RUN-2: an unread response is collected although its callbacks reach it, and its connection closes", async () => {
  const server = await http((_, response) => response.write("unfinished"))
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  const { incoming, response } = await sendKeepingResponse(server.url, agent)
  await until(() => {
    collect()
    return response.deref() === undefined
  })
  await until(() => server.open() === 0)
  expect(incoming.hasEnded).toBe(true)
})
