import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { type Member, startFleet, startStorage, type StorageKind } from "fleet"
import { setTimeout } from "node:timers/promises"
import * as Report from "./report.ts"

const callers = 50
const tokenLifetime = 4_000

export interface FleetOptions {
  readonly processes: number
  readonly storage: StorageKind
  readonly seconds: number
}

/** The renewals of one process. */
interface Renewals {
  issued: number
  adopted: number
  startedAt: number
  /** Milliseconds from the start of its last renewal to the token. */
  millis: number
}

const columns = (...cells: ReadonlyArray<string | number>) =>
  cells.map((cell, index) => (index === 0 ? String(cell).padEnd(9) : String(cell).padStart(10))).join("")

/** The Redis at `REDIS_URL`, or a storage that is started for the demo. */
const openStorage = async (storage: StorageKind) => {
  const url = process.env["REDIS_URL"]
  if (storage === "redis" && url !== undefined) return { url, [Symbol.asyncDispose]: () => Promise.resolve() }
  return startStorage(storage)
}

/** Runs processes that share one token, and shows which of them fetched it and which took it from the storage. */
export const showFleet = async ({ processes, seconds, storage }: FleetOptions): Promise<void> => {
  await using server = await startFakeDeeply({ rateLimits: false, tokenLifetime, tokenRequestLatency: 100 })
  await using shared = await openStorage(storage)
  const where = storage === "file" ? "one directory" : "one Redis"
  const lifetime = `tokens valid for ${tokenLifetime / 1_000} s`
  Report.title("Tokenkeep", `${processes} processes with ${callers} callers each, sharing ${where}, ${lifetime}`)
  Report.section(`  ${columns("process", "fetched", "adopted", "renewal", "lease", "requests", "failed")}`)

  const renewals = new Map<Member, Renewals>()
  const options = {
    storageUrl: shared.url,
    apiKey: server.apiKey,
    host: server.url,
    callers,
    deadline: 10_000,
    // With more requests, a small machine is so busy that a token expires on the way, twice.
    pause: 1_000
  }
  const startedAt = performance.now()
  await using fleet = await startFleet(processes, options, ({ at, type }, member) => {
    const own = renewals.get(member) ?? { issued: 0, adopted: 0, startedAt: at, millis: 0 }
    renewals.set(member, own)
    if (type === "renewal-started") own.startedAt = at
    if (type !== "issued" && type !== "adopted") return
    own[type] += 1
    own.millis = at - own.startedAt
  })

  const lines = () => {
    const failures = fleet.failures()
    const rows = fleet.all.map((member) => {
      const { adopted, issued, millis } = renewals.get(member) ?? { adopted: 0, issued: 0, millis: 0 }
      const failed = failures.filter(({ process: id }) => id === member.id).length
      return columns(member.id, issued, adopted, `${millis} ms`, member.lease, member.requests, failed)
    })
    return [
      ...rows,
      "",
      "fetched: tokens this process requested · adopted: tokens it took from the shared storage",
      `token requests that the API received: ${server.stats.tokenRequests}`
    ]
  }
  const table = Report.liveTable()
  const until = performance.now() + seconds * 1_000
  while (performance.now() < until) {
    table.update(lines())
    await setTimeout(200)
  }
  table.finish(lines())
  await fleet.stop()

  const { tokenRequests } = server.stats
  const failed = fleet.failures().length
  Report.closing(
    `${tokenRequests} token requests for ${processes * callers} callers in ${seconds} s · failed: ${failed}`
  )
  if (failed > 0) Report.failed("expected no failed request")
  // A token of a known lifetime is renewed when 78 % of it have passed, at the earliest.
  const mostRequests = Math.ceil((performance.now() - startedAt) / (tokenLifetime * 0.78)) + 1
  if (tokenRequests > mostRequests) Report.failed(`expected at most ${mostRequests} token requests`)
}
