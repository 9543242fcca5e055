import type { LeaseRequest } from "@tokenkeep/core"
import type { ProcessId } from "./processes.ts"

/** What a lease's file says. */
export interface LeaseContent {
  readonly owner: string
  readonly millis: number
  readonly holder: ProcessId
  /** When it ends, on the clock of the kernel that `holder.boot` names; undefined where there is no such clock. */
  readonly endsByBoot?: number | undefined
  /** When it ends, in epoch milliseconds. */
  readonly endsByWall: number
}

/** Both clocks at one moment, in milliseconds. */
export interface Moment {
  readonly wall: number
  readonly boot: number | undefined
}

export const leaseFor = ({ millis, owner }: LeaseRequest, holder: ProcessId, now: Moment): LeaseContent => ({
  owner,
  millis,
  holder,
  endsByBoot: now.boot === undefined ? undefined : now.boot + millis,
  endsByWall: now.wall + millis
})

export const encodeLease = (content: LeaseContent): string => JSON.stringify({ version: 1, ...content })

type Fields = Partial<Record<string, unknown>>

const isFields = (u: unknown): u is Fields => typeof u === "object" && u !== null
const text = (u: unknown): string | undefined => (typeof u === "string" ? u : undefined)
const number = (u: unknown): number | undefined => (typeof u === "number" ? u : undefined)

const processOf = ({ boot, host, namespace, pid, started }: Fields): ProcessId | undefined => {
  if (typeof host !== "string" || !Number.isSafeInteger(pid) || Number(pid) <= 0) return undefined
  return { host, boot: text(boot), namespace: text(namespace), pid: Number(pid), started: text(started) }
}

/** What a lease's file says; undefined for one that is damaged, or of a newer format. */
export const decodeLease = (content: string | undefined): LeaseContent | undefined => {
  try {
    const fields: unknown = JSON.parse(content ?? "")
    if (!isFields(fields) || fields["version"] !== 1) return undefined
    const { endsByBoot, endsByWall, holder: process, millis, owner } = fields
    const holder = isFields(process) ? processOf(process) : undefined
    if (holder === undefined || typeof owner !== "string") return undefined
    if (typeof millis !== "number" || typeof endsByWall !== "number") return undefined
    return { owner, millis, holder, endsByBoot: number(endsByBoot), endsByWall }
  } catch {
    return undefined
  }
}

/** How long a lease that nobody can read is taken to last: longer than any that core asks for by default. */
const unreadableMillis = 15_000

/** Stands for a lease that nobody can read: it lasts a while from when it was written. */
export const unreadableLease = (writtenAt: number): LeaseContent => ({
  owner: "unknown",
  millis: unreadableMillis,
  holder: { host: "unknown", pid: 0 },
  endsByWall: writtenAt + unreadableMillis
})

const difference = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a - b

/**
 * Milliseconds until a lease ends. The kernel's clock is believed before the wall's; and whatever the clocks say, who
 * has seen a lease for all of its time need not wait any longer.
 */
export const timeLeft = (lease: LeaseContent, boot: string | undefined, now: Moment, seenFor: number): number => {
  const byBoot = boot === lease.holder.boot ? difference(lease.endsByBoot, now.boot) : undefined
  const left = byBoot ?? lease.endsByWall - now.wall
  return Math.max(0, Math.min(left, lease.millis - seenFor))
}

export const describeHolder = ({ holder, owner }: LeaseContent): string =>
  holder.pid === 0 ? owner : `${owner} (process ${holder.pid} on ${holder.host})`
