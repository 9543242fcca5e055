import { type LeaseRequest, maxLeaseMillis } from "@tokenkeep/core"
import type { ProcessId, Processes } from "./processes.ts"

/** The content of a lease file. */
export interface LeaseContent {
  readonly owner: string
  /** How long the lease was requested for, in milliseconds. */
  readonly millis: number
  /** The process of the owner. */
  readonly holder: ProcessId
  /** When the lease ends, by the boot clock of the holder; undefined without such a clock. */
  readonly endsByBoot?: number | undefined
  /** When the lease ends, in epoch milliseconds. */
  readonly endsByWall: number
}

/** Both clocks at one moment, in milliseconds. */
export interface Moment {
  readonly wall: number
  readonly boot: number | undefined
}

export const newLease = (request: LeaseRequest, holder: ProcessId, now: Moment): LeaseContent => {
  const millis = Math.min(request.millis, maxLeaseMillis)
  return {
    owner: request.owner,
    millis,
    holder,
    endsByBoot: now.boot === undefined ? undefined : now.boot + millis,
    endsByWall: now.wall + millis
  }
}

export const encodeLease = (content: LeaseContent): string => JSON.stringify({ version: 1, ...content })

type Fields = Partial<Record<string, unknown>>

const isFields = (u: unknown): u is Fields => typeof u === "object" && u !== null
const stringOf = (u: unknown): string | undefined => (typeof u === "string" ? u : undefined)
const numberOf = (u: unknown): number | undefined => (typeof u === "number" ? u : undefined)

const decodeProcess = ({ boot, host, namespace, pid, started, timeNamespace }: Fields): ProcessId | undefined => {
  if (typeof host !== "string" || !Number.isSafeInteger(pid) || Number(pid) <= 0) return undefined
  return {
    host,
    boot: stringOf(boot),
    namespace: stringOf(namespace),
    timeNamespace: stringOf(timeNamespace),
    pid: Number(pid),
    started: stringOf(started)
  }
}

/** The content of a lease file, or undefined if the file is damaged or has a newer format. */
export const decodeLease = (text: string | undefined): LeaseContent | undefined => {
  try {
    const fields: unknown = JSON.parse(text ?? "")
    if (!isFields(fields) || fields["version"] !== 1) return undefined
    const { endsByBoot, endsByWall, holder: process, millis, owner } = fields
    const holder = isFields(process) ? decodeProcess(process) : undefined
    if (holder === undefined || typeof owner !== "string") return undefined
    // A file that claims a longer lease than the port allows is damaged.
    if (typeof millis !== "number" || millis > maxLeaseMillis || typeof endsByWall !== "number") return undefined
    return { owner, millis, holder, endsByBoot: numberOf(endsByBoot), endsByWall }
  } catch {
    return undefined
  }
}

/** How long a damaged lease counts, in milliseconds: longer than any lease that core requests by default. */
const damagedMillis = 15_000

/** Replaces a damaged lease. It ends a fixed time after its file was written. */
export const damagedLease = (writtenAt: number): LeaseContent => ({
  owner: "unknown",
  millis: damagedMillis,
  holder: { host: "unknown", pid: 0 },
  endsByWall: writtenAt + damagedMillis
})

const difference = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a - b

/**
 * Milliseconds until a lease ends. The kernel's clock takes precedence over the wall clock. If both are wrong, a lease
 * ends at the latest after this process has seen it for its whole duration.
 */
export const timeLeft = (lease: LeaseContent, { sharesBootClock }: Processes, now: Moment, seenFor: number): number => {
  const byBoot = sharesBootClock(lease.holder) ? difference(lease.endsByBoot, now.boot) : undefined
  const left = byBoot ?? lease.endsByWall - now.wall
  return Math.max(0, Math.min(left, lease.millis - seenFor))
}

/** The owner of a lease as shown in error messages. */
export const describeOwner = ({ holder, owner }: Pick<LeaseContent, "holder" | "owner">): string =>
  holder.pid === 0 ? owner : `${owner} (process ${holder.pid} on ${holder.host})`
