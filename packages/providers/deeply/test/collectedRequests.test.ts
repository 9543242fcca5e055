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

/** Runs a call, and aborts it after a garbage collection. Only the controller is kept, as an application does. */
const abortLater = async (call: (signal: AbortSignal) => Promise<unknown>, isUnderway: () => boolean) => {
  const abort = new AbortController()
  const outcome = rejection(call(abort.signal))
  await eventually(isUnderway).toBe(true)
  await collectAll()
  abort.abort("enough")
  return outcome
}

describe.each(apis)("REQ-6: an abort after a garbage collection, with %s", (_, fetchOf) => {
  it.each(calls)("REQ-6: ends a pending request by the signal %s", async (_what, call) => {
    const server = await playground()
    const fetch = fetchOf(server)
    const isUnderway = () => server.general().length > 0
    const error = await abortLater((signal) => call(fetch, `${server.url}/hang`, signal), isUnderway)
    expect(String(error)).toMatch(/enough|hang failed/)
    await eventually(() => server.general()[0]?.aborted).toBe(true)
  })

  it.each(calls)("REQ-6: ends a read of the body by the signal %s", async (_what, call) => {
    const server = await playground()
    const fetch = fetchOf(server)
    let isReading = false
    const read = async (signal: AbortSignal) => {
      const response = await call(fetch, `${server.url}/slow`, signal)
      isReading = true
      return response.text()
    }
    expect(await abortLater(read, () => isReading)).toBe("enough")
    await eventually(() => server.general()[0]?.aborted).toBe(true)
  })
})
