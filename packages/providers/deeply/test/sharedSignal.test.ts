import { createDeeply } from "@tokenkeep/deeply"
import { createFakeDeeply } from "@tokenkeep/deeply/testing"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { getEventListeners } from "node:events"
import { expect, it, onTestFinished } from "vitest"

/** A client over a fake server in memory that does not use the signal, so that only the client can listen to it. */
const openClient = () => {
  const fake = createFakeDeeply({ rateLimits: false })
  const transport = FetchTransport.layer({
    fetch: (input, init) => fake.handle(new Request(input, { ...init, signal: null }))
  })
  const budget = { burst: 10_000, perSecond: 10_000 }
  const deeply = createDeeply({
    apiKey: fake.apiKey,
    host: "https://fake.test",
    transport,
    rateLimits: false,
    budget
  })
  onTestFinished(() => deeply.dispose())
  return { fake, deeply }
}

const processListeners = () => process.eventNames().map((name) => [name, process.listenerCount(name)])

type Use = (client: ReturnType<typeof openClient>, signal: AbortSignal) => Promise<unknown>

const uses: ReadonlyArray<readonly [what: string, count: number, use: Use]> = [
  ["requests with a cached token", 10_000, ({ deeply }, signal) => deeply.fetch("/api/v1/mics", { signal })],
  [
    "requests that are repeated after a 401",
    200,
    ({ deeply, fake }, signal) => {
      fake.expireTokens()
      return deeply.fetch("/api/v1/mics", { signal })
    }
  ],
  [
    "callers that wait for a token",
    200,
    async ({ deeply }, signal) => {
      const token = deeply.peek()
      if (token !== undefined) await deeply.reject(token)
      return Promise.all([deeply.token({ signal }), deeply.token({ signal })])
    }
  ],
  ["typed requests", 500, ({ deeply }, signal) => deeply.mics.list({}, { signal })],
  [
    "lists that are read to their end, or left",
    200,
    async ({ deeply }, signal) => {
      const read: Array<unknown> = []
      for await (const mic of deeply.mics.all({}, { signal })) read.push(mic)
      for await (const mic of deeply.mics.all({}, { signal })) if (read.push(mic) > 0) break
    }
  ]
]

it.each(uses)("RUN-2: %s leave no listeners on a signal that they share", async (_, count, use) => {
  const client = openClient()
  await client.deeply.token()
  const { signal } = new AbortController()
  const before = processListeners()
  for (let i = 0; i < count; i += 1) await use(client, signal)
  expect(getEventListeners(signal, "abort")).toEqual([])
  expect(processListeners()).toEqual(before)
})
