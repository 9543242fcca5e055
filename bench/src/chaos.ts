// Everything that goes wrong, to a fleet that needs its token all the time: processes are killed and frozen, records are
// torn, the Redis dies, hangs and forgets. Ends with 1 when a promise is broken.
// `--on file|redis`, `--seconds`, `--processes`, `--seed` and `--every` (milliseconds from fault to fault) change what
// happens.
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { type Member, startFleet, summed } from "./fleet/Fleet.ts"
import { startServer } from "redis-servers"
import { seeded } from "./random.ts"

const { values } = parseArgs({
  options: {
    on: { type: "string" },
    seconds: { type: "string" },
    processes: { type: "string" },
    every: { type: "string" },
    seed: { type: "string" }
  }
})
const on = values.on === "redis" ? "redis" : "file"
const seconds = Number(values.seconds ?? 300)
const size = Number(values.processes ?? 8)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const every = Number(values.every ?? 1_500)
const random = seeded(seed)

const life = 2_000
/** The issue deadline; a lease lasts 2 s longer. */
const deadline = 1_000
const lease = deadline + 2_000
const pause = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis))
const pick = <A>(from: ReadonlyArray<A>): A => from[Math.floor(random() * from.length)]!

const directory = await mkdtemp(join(tmpdir(), "tokenkeep-chaos-"))
const redis = on === "redis" ? await startServer() : undefined
// While the storage is away or removed, leases and all, several may issue at once, so the provider has to let older tokens
// live: the tests of the fleet have one that does not.
const server = await startFakeDeeply({ rateLimits: false, tokenLifetime: life, issueLatency: 100, voidPrevious: false })
const counts: Record<string, number> = {}
const count = (what: string) => (counts[what] = (counts[what] ?? 0) + 1)
/** Faults that may each cost one more issue call. */
let faults = 0

const job = { place: redis?.url ?? `file:${directory}`, apiKey: server.apiKey, url: server.url, callers: 5, deadline }
const fleet = await startFleet(size, job, (event) =>
  count(event.type === "storage-degraded" ? `storage-degraded: ${event.operation}, ${event.detail}` : event.type)
)
for (const { send } of fleet.members) send({ do: "keep busy" })

const replaced = async (victim: Member) => {
  victim.process.kill("SIGKILL")
  const born = await fleet.add()
  born.send({ do: "keep busy" })
}

/** Whoever renews at this moment, or else anyone. */
const somebody = (): Member => {
  const all = [...fleet.members]
  const renewing = all.filter(({ events }) => events.at(-1)?.type === "renewal-started")
  return pick(renewing.length > 0 ? renewing : all)
}

/** A frozen process wakes long after its lease is another's. */
const frozen = new Set<Member>()
const freeze = () => {
  const member = somebody()
  const { process: victim } = member
  frozen.add(member)
  victim.kill("SIGSTOP")
  setTimeout(() => victim.kill("SIGCONT"), lease + 1_000)
}

// Not the leases: one that cannot be read lasts 15 s, which is longer than all that is promised of short ones here.
const records = async (): Promise<ReadonlyArray<string>> =>
  (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/lock|tmp|lease/.test(entry.name))
    .map(({ name, parentPath }) => join(parentPath, name))

const onFile: Readonly<Record<string, () => Promise<void> | void>> = {
  "record cut": async () => {
    for (const path of await records()) await truncate(path, 10).catch(() => undefined)
  },
  "record overwritten": async () => {
    for (const path of await records()) await writeFile(path, "garbage").catch(() => undefined)
  },
  "directory removed": () => rm(directory, { recursive: true, force: true })
}

const onRedis: Readonly<Record<string, () => Promise<void> | void>> = {
  "Redis restarted empty": () => redis?.restart(),
  "Redis frozen for a second": async () => {
    redis?.signal("SIGSTOP")
    await pause(1_000)
    redis?.signal("SIGCONT")
  },
  "Redis away for five seconds": async () => {
    await redis?.kill()
    await pause(5_000)
    await redis?.restart()
  }
}

const inStorage = on === "file" ? onFile : onRedis

const until = performance.now() + seconds * 1_000
while (performance.now() < until) {
  await pause(every * (0.5 + random()))
  const lot = random()
  if (lot < 0.6) {
    count("kills")
    faults += 1
    await replaced(somebody())
  } else if (lot < 0.9) {
    count("freezes")
    faults += 1
    freeze()
  } else {
    const [name, make] = pick(Object.entries(inStorage))
    count(name)
    // While the storage is away each process may issue for itself.
    faults += name === "Redis away for five seconds" ? size * 3 : 1
    await make()
  }
}
// All that is frozen wakes, and all come to one token again.
await pause(lease + 2_000)
for (const member of fleet.members) member.process.kill("SIGCONT")
const stillThere = fleet.members.size
const tallies = await fleet.stop()
const tally = summed(tallies.map(([, each]) => each))
const awake = summed(tallies.filter(([member]) => !frozen.has(member)).map(([, each]) => each))
const { issueCalls, issued, requests, unauthorized } = server.stats
const expiries = Math.ceil((seconds * 1_000 + lease + 2_000) / life) + 1
await server.close()
await redis?.stop()
await rm(directory, { recursive: true, force: true })

console.log(`Node ${process.versions.node}, ${size} processes on ${on === "file" ? "a file" : "a Redis"}, ${seconds} s, seed ${seed}
${Object.entries(counts)
  .toSorted(([one], [other]) => one.localeCompare(other))
  .map(([what, times]) => `${what.padEnd(28)} ${times}`)
  .join("\n")}
issue calls                  ${issueCalls} (${issued} tokens) for ${expiries} expiries and ${faults} faults
requests at the server       ${requests}, refused and repeated ${unauthorized}
requests of the last fleet   ${tally.requests}, failed ${JSON.stringify(tally.failures)}, longest ${tally.longestMillis} ms, ${awake.longestMillis} ms where nobody was frozen
`)

const ignored = counts["record-ignored"] ?? 0
const torn = Object.keys(onFile).reduce((sum, name) => sum + (counts[name] ?? 0), 0)
const promises: ReadonlyArray<readonly [kept: boolean, promise: string]> = [
  [stillThere === size, "nobody crashed who was not killed"],
  [Object.keys(tally.failures).length === 0, "STO-2: no request failed"],
  [issueCalls <= expiries + faults, "TOK-3: issue calls are no more than expiries and faults"],
  [ignored <= torn * size, "STO-3: no record is torn but by the hand that tore it"],
  [awake.longestMillis < 2 * lease + 4_000, "TOK-3: nobody is held up for longer than two leases and the grace"]
]
for (const [kept, promise] of promises) console.log(`${kept ? "kept  " : "BROKEN"} ${promise}`)
if (promises.some(([kept]) => !kept)) process.exitCode = 1
