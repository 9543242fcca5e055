// The sidecar against plain reverse proxies, which add a fixed token. Each proxy is a process of its own, in front of one
// server, and they take turns within each round. Then a soak: the sidecar's heap over 200,000 requests.
// `--quick` shortens both to a smoke test.
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { cpus, loadavg } from "node:os"
import { parseArgs } from "node:util"
import { Pool } from "undici"
import { concurrent, interleaved, report } from "./measure.ts"

const { values } = parseArgs({
  options: { quick: { type: "boolean" }, rounds: { type: "string" }, requests: { type: "string" } }
})
const { quick = false } = values
const rounds = Number(values.rounds ?? (quick ? 3 : 15))
const perRound = quick ? 200 : 2_000
const soakRequests = Number(values.requests ?? (quick ? 2_000 : 200_000))
const width = 50

interface Usage {
  readonly cpu: NodeJS.CpuUsage
  readonly memory: NodeJS.MemoryUsage
}

interface Proxy {
  readonly name: string
  readonly child: ChildProcess
  readonly pool: Pool
}

const upstream = fork(new URL("./race/server.ts", import.meta.url), ["--any-token"])
const [port] = (await once(upstream, "message")) as [number]
const target = `http://127.0.0.1:${port}`

const sidecarProgram = new URL("../../packages/cli/test/serve/support/sidecarProgram.ts", import.meta.url)
const rivals = new URL("./proxyRivals.ts", import.meta.url)

const open = async (name: string, program: URL, args: ReadonlyArray<string>): Promise<Proxy> => {
  const child = fork(program, args, { execArgv: ["--expose-gc", "--conditions=@tokenkeep/source"] })
  const [url] = (await once(child, "message")) as [string]
  return { name, child, pool: new Pool(url, { connections: width }) }
}

const usageOf = async ({ child }: Proxy, what: "cpu" | "memory"): Promise<Usage> => {
  child.send(what)
  const [usage] = (await once(child, "message")) as [Usage]
  return usage
}

const get = async ({ pool }: Proxy): Promise<void> => {
  const { body, statusCode } = await pool.request({ path: "/api/v1/events?size=1", method: "GET" })
  await body.text()
  if (statusCode !== 200) throw new Error(`status ${statusCode}`)
}

const post = async ({ pool }: Proxy): Promise<void> => {
  const { body, statusCode } = await pool.request({
    path: "/api/v1/events",
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "value".repeat(100) })
  })
  await body.text()
  if (statusCode !== 200) throw new Error(`status ${statusCode}`)
}

const proxies = [
  await open("undici, by hand", rivals, ["undici", target]),
  await open("undici, by hand (A/A)", rivals, ["undici", target]),
  await open("node:http, by hand", rivals, ["node", target]),
  await open("httpxy", rivals, ["httpxy", target]),
  await open("the sidecar", sidecarProgram, [target])
]

console.log(`Node ${process.versions.node}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, ${rounds} rounds`)

for (const [title, step] of [
  ["GET", get],
  ["POST of 0.5 KiB", post]
] as const) {
  const cpu = new Map(proxies.map(({ name }) => [name, 0]))
  const cases = proxies.map((proxy) => {
    const each = concurrent(proxy.name, width, () => step(proxy))
    const run = async (times: number) => {
      const before = await usageOf(proxy, "cpu")
      await each.run(times)
      const { system, user } = (await usageOf(proxy, "cpu")).cpu
      cpu.set(proxy.name, (cpu.get(proxy.name) ?? 0) + user + system - before.cpu.user - before.cpu.system)
    }
    return { ...each, run }
  })
  report(`A ${title} through a proxy, ${width} at a time`, await interleaved(cases, { rounds, times: perRound }))
  console.log("\nprocessor time of the proxy, microseconds each")
  for (const [name, total] of cpu) console.log(`${name.padEnd(34)}${(total / ((rounds + 1) * perRound)).toFixed(1)}`)
}

const sidecar = proxies.at(-1)!
const load = concurrent("soak", width, () => get(sidecar))
const part = soakRequests / 10
console.log(`\n${soakRequests} requests through the sidecar: its heap and its resident memory in MiB`)
for (let done = part; done <= soakRequests; done += part) {
  await load.run(part)
  const { memory } = await usageOf(sidecar, "memory")
  console.log(
    `${`${done}`.padEnd(12)}${(memory.heapUsed / 2 ** 20).toFixed(1).padEnd(10)}${(memory.rss / 2 ** 20).toFixed(1)}`
  )
}
for (const { child, pool } of proxies) {
  await pool.close()
  child.disconnect()
}
upstream.disconnect()
