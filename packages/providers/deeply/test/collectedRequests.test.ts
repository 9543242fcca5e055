import { Deeply } from "@tokenkeep/deeply"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { describe, expect, it, onTestFinished } from "vitest"
import { clientOf, eventually, rejection } from "./support/clients.ts"
import { type Fetch, playground } from "./support/fetchComparison.ts"
import { collectAll } from "./support/garbage.ts"
import type { RawApi } from "./support/servers.ts"

const effectApi = ({ apiKey, url }: RawApi): Fetch => {
  const runtime = ManagedRuntime.make(Deeply.layerDefault({ apiKey, host: url }))
  onTestFinished(() => runtime.dispose())
  return (input, init) => runtime.runPromise(Deeply.use((deeply) => deeply.request(input, init)))
}

const apis = [
  ["the promise API", (server: RawApi): Fetch => clientOf(server).fetch],
  ["the Effect API", effectApi]
] as const

type Call = (fetch: Fetch, url: string, signal: AbortSignal) => Promise<Response>

const calls: ReadonlyArray<readonly [what: string, call: Call]> = [
  ["of a Request", (fetch, url, signal) => fetch(new Request(url, { signal }))],
  ["of a Request with an init", (fetch, url, signal) => fetch(new Request(url, { signal }), { method: "PUT" })],
  ["of a Request with a body", (fetch, url, signal) => fetch(new Request(url, { signal, method: "POST", body: "x" }))],
  ["of an init, with a Request", (fetch, url, signal) => fetch(new Request(url), { signal })],
  ["of a Request as the init", (fetch, url, signal) => fetch(url, new Request(url, { signal }))],
  ["of an object like a Request", (fetch, url, signal) => fetch({ url, signal, method: "GET" } as Request)]
]

/** Starts all calls, and aborts each after one garbage collection. Only the controllers are kept, as an application does. */
const abortLater = async (
  start: (call: Call, signal: AbortSignal) => Promise<unknown>,
  underway: () => number
): Promise<ReadonlyArray<readonly [what: string, outcome: unknown]>> => {
  const started = calls.map(([what, call]) => {
    const abort = new AbortController()
    return { what, abort, outcome: rejection(start(call, abort.signal)) }
  })
  await eventually(underway).toBe(calls.length)
  await collectAll()
  for (const { abort } of started) abort.abort("enough")
  return Promise.all(started.map(async ({ what, outcome }) => [what, await outcome] as const))
}

describe.each(apis)("REQ-6: an abort after a garbage collection, with %s", (_, fetchOf) => {
  it("REQ-6: ends pending requests by the signal of every kind of call", async () => {
    const server = await playground()
    const fetch = fetchOf(server)
    const outcomes = await abortLater(
      (call, signal) => call(fetch, `${server.url}/hang`, signal),
      () => server.general().length
    )
    const ends = expect.stringMatching(/enough|hang failed/) as unknown
    expect(outcomes.map(([what, error]) => [what, String(error)])).toEqual(calls.map(([what]) => [what, ends]))
    await eventually(() => server.general().filter(({ aborted }) => aborted).length).toBe(calls.length)
  })

  it("REQ-6: ends reads of a body by the signal of every kind of call", async () => {
    const server = await playground()
    const fetch = fetchOf(server)
    let reading = 0
    const read = async (call: Call, signal: AbortSignal) => {
      const response = await call(fetch, `${server.url}/slow`, signal)
      reading += 1
      return response.text()
    }
    const outcomes = await abortLater(read, () => reading)
    expect(outcomes).toEqual(calls.map(([what]) => [what, "enough"]))
    await eventually(() => server.general().filter(({ aborted }) => aborted).length).toBe(calls.length)
  })
})
