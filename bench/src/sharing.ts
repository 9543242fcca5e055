// What sharing costs: from the moment one process fetched a token until all others use it, for 1 to 32 processes on a
// file and on a Redis, and what the Redis does for it. `--rounds` and `--processes 8,32` change what is measured.
import type { TokenEvent } from "@tokenkeep/core"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { type Member, type StorageKind, startFleet, startStorage } from "fleet"
import { parseArgs } from "node:util"
import { findRedis } from "redis-servers"
import { countRedis } from "./countRedis.ts"
import { latencies } from "./latencies.ts"

/** What a number of processes that share one token cost. */
export interface Sharing {
  readonly tokenRequests: number
  readonly failed: number
  /** Milliseconds from the first token to the others that use it; none with one process. */
  readonly adoption: { readonly p50: number; readonly p99: number } | undefined
  /** For each renewal, on a Redis. */
  readonly redis: { readonly commands: number; readonly bytes: number } | undefined
  readonly connections: number | undefined
}

/** What the client that requests a token sends to a Redis, which a test of the adapter checks. */
export const ownCommands = 6

/** Lets the token of a fleet expire, once a round. */
export const measureSharing = async (kind: StorageKind, size: number, rounds: number): Promise<Sharing> => {
  await using storage = await startStorage(kind)
  // The tokens are JWTs that say when they expire. With a learned lifetime they would be renewed before the server
  // refuses them.
  await using server = await startFakeDeeply({ rateLimits: false, tokenRequestLatency: 200, jwt: true })
  const adopted = latencies()
  let issuedAt: number | undefined
  let adoptions: Array<number> = []
  /** The processes that have waited, and so have subscribed. */
  const waited = new Set<Member>()
  const onTokenEvent = (event: TokenEvent, member: Member) => {
    if (event.type === "lease-waited") waited.add(member)
    if (event.type === "issued") issuedAt = event.at
    if (event.type === "adopted") adoptions.push(event.at)
  }
  const options = { storageUrl: storage.url, apiKey: server.apiKey, host: server.url, callers: 10, deadline: 10_000 }
  await using fleet = await startFleet(size, options, onTokenEvent)
  // The first rounds connect every process.
  await fleet.round()
  for (let round = 0; round < 10 && waited.size < size; round += 1) {
    server.expireTokens()
    await fleet.round()
  }
  const [requestsBefore, before] = [
    server.stats.tokenRequests,
    kind === "redis" ? await countRedis(storage.url) : undefined
  ]
  for (let round = 0; round < rounds; round += 1) {
    issuedAt = undefined
    adoptions = []
    server.expireTokens()
    await fleet.round()
    for (const at of adoptions) adopted.add(Math.max(0, at - (issuedAt ?? at)))
  }
  const after = kind === "redis" ? await countRedis(storage.url) : undefined
  const tokenRequests = server.stats.tokenRequests - requestsBefore
  const failed = fleet.failures().length
  await fleet.stop()
  const each = (count: "commands" | "bytes") => ((after?.[count] ?? 0) - (before?.[count] ?? 0)) / rounds
  return {
    tokenRequests,
    failed,
    adoption: size === 1 ? undefined : { p50: adopted.at(0.5), p99: adopted.at(0.99) },
    redis: after === undefined ? undefined : { commands: each("commands"), bytes: each("bytes") },
    connections: after?.connections
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rounds: { type: "string" }, processes: { type: "string" } } })
  const rounds = Number(values.rounds ?? 20)
  console.log(
    `Node ${process.versions.node}, ${rounds} expiries each, 10 callers a process, a token request takes 200 ms`
  )
  console.log("storage processes  token requests  failed adopted p50         p99  commands/renewal")
  for (const size of (values.processes ?? "1,2,8,16,32").split(",").map(Number)) {
    for (const kind of findRedis() === undefined ? (["file"] as const) : (["file", "redis"] as const)) {
      const { adoption, failed, redis, tokenRequests } = await measureSharing(kind, size, rounds)
      const millis = (value: number | undefined) => (value === undefined ? "-" : `${value} ms`).padStart(11)
      const counts = [String(size).padStart(9), String(tokenRequests).padStart(15), String(failed).padStart(7)]
      const times = [millis(adoption?.p50), millis(adoption?.p99), (redis?.commands.toFixed(1) ?? "-").padStart(17)]
      console.log([kind.padEnd(7), ...counts, ...times].join(" "))
    }
  }
}
