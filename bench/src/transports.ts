// The overhead of each transport: authorized requests against the bare library, alternating within each round. Then the
// cost of a revocation with 200 requests in flight. `--quick` shortens it to a smoke test, `--only TEXT` to the tables
// whose title contains the text.
import { createDeeply, type DeeplyClient } from "@tokenkeep/deeply"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { authorizedKy, KyTransport } from "@tokenkeep/transport-ky"
import { UndiciTransport } from "@tokenkeep/transport-undici"
import ky from "ky"
import { fork } from "node:child_process"
import { once } from "node:events"
import { cpus, loadavg } from "node:os"
import { parseArgs } from "node:util"
import { request } from "undici"
import { concurrent, interleaved, report, reportCpu } from "./measure.ts"
import { revocation } from "./revocation.ts"

const { values } = parseArgs({ options: { quick: { type: "boolean" }, only: { type: "string" } } })
const { only = "", quick = false } = values
const rounds = quick ? 3 : 15
const path = "/api/v1/events"

const child = fork(new URL("./wireServer.ts", import.meta.url))
const [port] = (await once(child, "message")) as [number]
const base = `http://127.0.0.1:${port}`
const url = base + path

const layers = { fetch: FetchTransport.layer(), ky: KyTransport.layer(), undici: UndiciTransport.layer() }
const clientOver = (transport: (typeof layers)[keyof typeof layers], host = base): DeeplyClient =>
  createDeeply({ apiKey: "bench-key-2f6c1d9a", host, transport })

const [overFetch, overKy, overUndici] = [clientOver(layers.fetch), clientOver(layers.ky), clientOver(layers.undici)]
const api = authorizedKy(overFetch)
const bearer = { authorization: `Bearer ${(await overFetch.token()).reveal()}` }

/** The requests, and the same with the token added by hand. */
const kinds = {
  GET: { init: {}, bare: { headers: bearer } },
  POST: {
    init: { method: "POST", body: JSON.stringify({ name: "value" }), headers: { "content-type": "application/json" } },
    bare: {
      method: "POST",
      body: JSON.stringify({ name: "value" }),
      headers: { "content-type": "application/json", ...bearer }
    }
  }
} satisfies Record<string, { readonly init: RequestInit; readonly bare: RequestInit }>

const text = async (call: PromiseLike<{ readonly text: () => Promise<string> }>): Promise<string> => (await call).text()

const undiciBare = async (kind: keyof typeof kinds): Promise<string> => {
  const { body, headers, method = "GET" } = kinds[kind].bare as { body?: string; headers: object; method?: string }
  return (await request(url, { method, headers: { ...headers }, body: body ?? null })).body.text()
}

const table = async (title: string, width: number, steps: Readonly<Record<string, () => Promise<unknown>>>) => {
  if (!title.includes(only)) return
  const cases = Object.entries(steps).map(([name, step]) => concurrent(name, width, step))
  const timings = await interleaved(cases, { rounds, times: quick ? 100 : width === 1 ? 300 : 1_000 })
  report(title, timings)
  reportCpu(title, timings)
}

console.log(`Node ${process.versions.node}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, ${rounds} rounds`)

for (const kind of ["GET", "POST"] as const) {
  const { bare, init } = kinds[kind]
  for (const width of [1, 50]) {
    await table(`An authorized ${kind}, ${width} at a time`, width, {
      "bare fetch": () => text(fetch(url, bare)),
      "bare fetch (A/A)": () => text(fetch(url, bare)),
      "client over fetch": () => text(overFetch.fetch(path, init)),
      "bare undici.request": () => undiciBare(kind),
      "client over undici": () => text(overUndici.fetch(path, init))
    })
    await table(`An authorized ${kind} with ky, ${width} at a time`, width, {
      "bare ky": () => text(ky(url, bare)),
      "bare ky (A/A)": () => text(ky(url, bare)),
      authorizedKy: () => text(api(path, init)),
      "client over ky": () => text(overKy.fetch(path, init))
    })
  }
}
for (const client of [overFetch, overKy, overUndici]) await client.dispose()
child.disconnect()

if ("200 in flight".includes(only)) {
  console.log("\n200 in flight when the token is revoked     token requests  failures  replays")
  for (const [name, layer] of Object.entries(layers)) {
    const counts = await revocation((host) => clientOver(layer, host))
    console.log(`over ${name}`.padEnd(44) + counts.map((count) => `${count}`.padEnd(14)).join(""))
  }
}
