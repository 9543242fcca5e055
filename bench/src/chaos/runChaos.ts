import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { type Failure, type Member, startFleet, startStorage, type StorageKind } from "fleet"
import { setTimeout as sleep } from "node:timers/promises"
import { seeded } from "../random.ts"
import { type FaultKind, faultKinds, makeFaults } from "./faults.ts"

/** Strict: a new token voids the previous one. Lenient: older tokens stay valid until they expire. */
export const providers = ["strict", "lenient"] as const

export interface ChaosOptions {
  readonly on: StorageKind
  readonly provider: (typeof providers)[number]
  readonly seed: number
  readonly seconds: number
  readonly processes: number
  readonly faults: ReadonlyArray<FaultKind>
  readonly freezeMillis: readonly [least: number, most: number]
  /** Milliseconds between two faults, on average. */
  readonly every: number
}

export interface ChaosResult {
  readonly faults: Readonly<Record<string, number>>
  readonly events: Readonly<Record<string, number>>
  /** Requests at the server, and how many of them it refused with a 401. */
  readonly requests: number
  readonly unauthorized: number
  readonly tokenRequests: number
  /** No more token requests than this are needed. */
  readonly tokenRequestsAtMost: number
  readonly failures: ReadonlyArray<Failure>
  readonly processes: ReadonlyArray<Pick<Member, "id" | "requests" | "longestWaitMillis" | "freezes">>
  readonly broken: ReadonlyArray<string>
}

const tokenLifetime = 2_000
/** The deadline of a token request; a lease lasts 2 s longer. */
const deadline = 1_000
const lease = deadline + 2_000
/** A token is renewed at 78 % of its lifetime at the earliest. */
const soonestRenewal = tokenLifetime * 0.78
const longestWait = 2 * lease + 4_000

const counter = () => {
  const counts: Record<string, number> = {}
  return { counts, count: (what: string) => (counts[what] = (counts[what] ?? 0) + 1) }
}

/** Injects faults into processes that share one token and use it all the time, and checks what Tokenkeep promises. */
export const runChaos = async (options: ChaosOptions): Promise<ChaosResult> => {
  const random = seeded(options.seed)
  const between = (least: number, most: number) => least + (most - least) * random()
  await using storage = await startStorage(options.on)
  await using server = await startFakeDeeply({
    rateLimits: false,
    tokenLifetime,
    tokenRequestLatency: 100,
    voidPrevious: options.provider === "strict"
  })
  const started = performance.now()
  const faults = counter()
  const events = counter()
  let onRenewal: (member: Member | undefined) => void = () => undefined

  const client = { storageUrl: storage.url, apiKey: server.apiKey, host: server.url, callers: 5, deadline, pause: 20 }
  await using fleet = await startFleet(options.processes, client, (event, member) => {
    events.count(event.type === "storage-degraded" ? `${event.type}: ${event.operation}, ${event.detail}` : event.type)
    if (event.type === "renewal-started") onRenewal(member)
  })
  const nextRenewal = () => {
    const { promise, resolve } = Promise.withResolvers<Member | undefined>()
    onRenewal = resolve
    return Promise.race([promise, sleep(tokenLifetime, undefined)])
  }
  const { inject, settled } = makeFaults({ ...options, fleet, storage, between, nextRenewal })

  const total = options.faults.reduce((sum, kind) => sum + faultKinds[kind].weight, 0)
  const nextKind = (): FaultKind => {
    let left = between(0, total)
    return options.faults.find((kind) => (left -= faultKinds[kind].weight) < 0) ?? options.faults[0]!
  }

  const end = performance.now() + options.seconds * 1_000
  while (performance.now() < end) {
    await sleep(options.every * between(0.5, 1.5))
    const kind = nextKind()
    if (await inject[kind]()) faults.count(kind)
  }
  await settled()
  // Requests that still wait get the time that they may take.
  await sleep(lease + 2_000)
  await fleet.stop()

  const { tokenRequests, requests, unauthorized } = server.stats
  const costs = options.faults.map((kind) => (faults.counts[kind] ?? 0) * faultKinds[kind].cost(options.processes))
  const tokenRequestsAtMost =
    Math.ceil((performance.now() - started) / soonestRenewal) + 1 + costs.reduce((sum, cost) => sum + cost, 0)
  const failures = fleet.failures()
  const waits = fleet.all.map(({ longestWaitMillis }) => longestWaitMillis)
  const torn = (faults.counts["tear"] ?? 0) + (faults.counts["wipe"] ?? 0)
  const promises: ReadonlyArray<readonly [kept: boolean, promise: string]> = [
    [Object.keys(faults.counts).length > 0, "at least one fault is injected"],
    [fleet.crashes.length === 0, `no process crashes: ${fleet.crashes.join(", ")}`],
    [failures.length === 0, `STO-2: no request fails: ${failures.length} did`],
    [
      tokenRequests <= tokenRequestsAtMost,
      `TOK-3: at most ${tokenRequestsAtMost} token requests: there were ${tokenRequests}`
    ],
    [
      (events.counts["record-ignored"] ?? 0) <= torn * options.processes,
      "STO-3: no stored record is unreadable unless a fault made it so"
    ],
    [
      Math.max(...waits) < longestWait,
      `TOK-3: no request waits for ${longestWait} ms: the longest waited ${Math.max(...waits)}`
    ]
  ]
  return {
    faults: faults.counts,
    events: events.counts,
    requests,
    unauthorized,
    tokenRequests,
    tokenRequestsAtMost,
    failures,
    processes: fleet.all,
    broken: promises.filter(([kept]) => !kept).map(([, promise]) => promise)
  }
}
