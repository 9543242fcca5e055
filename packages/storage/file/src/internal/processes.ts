import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"
import process from "node:process"
import { isPermitted } from "./permission.ts"

/** A process, so that others can find out whether it still lives. What a runtime does not tell is undefined. */
export interface ProcessId {
  readonly host: string
  /** Names one start of one kernel, which all its containers share. Linux only. */
  readonly boot?: string | undefined
  /** In another namespace the same number is another process. Linux only. */
  readonly namespace?: string | undefined
  readonly pid: number
  /** In ticks of the kernel since its start: tells a process from one that got its number later. Linux only. */
  readonly started?: string | undefined
}

/** What Deno does not permit, or a system does not have, is not known. */
const known = <A>(read: () => A): A | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}

// The kernel answers these from memory: reading them never waits for a disk.
const kernel = (file: string, read = (path: string) => readFileSync(path, "utf8")): string | undefined => {
  const path = `/proc/${file}`
  return isPermitted({ name: "read", path }) ? known(() => read(path).trim()) : undefined
}

interface ProcessState {
  readonly dead: boolean
  readonly started: string | undefined
}

/** The fields of `/proc/<pid>/stat` after the name, which may hold spaces and brackets itself. */
const stateOf = (pid: number | "self"): ProcessState | undefined => {
  const stat = kernel(`${pid}/stat`)
  if (stat === undefined) return undefined
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  // A zombie has ended, and only its parent has not asked for its result yet.
  return { dead: /^[ZXx]$/.test(fields[0] ?? ""), started: fields[19] }
}

export const thisProcess = (): ProcessId => ({
  host: (isPermitted({ name: "sys", kind: "hostname" }) ? known(hostname) : undefined) ?? "unknown",
  boot: kernel("sys/kernel/random/boot_id"),
  namespace: kernel("self/ns/pid", readlinkSync),
  pid: process.pid,
  started: stateOf("self")?.started
})

/** Milliseconds since the kernel's start, also while the machine slept; no change of the wall clock moves them. */
export const bootClock = (): number | undefined => {
  const seconds = Number(kernel("uptime")?.split(" ")[0])
  return Number.isFinite(seconds) ? Math.round(seconds * 1000) : undefined
}

const canSee = (me: ProcessId, other: ProcessId): boolean => {
  if (process.platform !== "linux") return me.host === other.host && other.boot === undefined
  return (
    me.boot !== undefined && me.namespace !== undefined && me.boot === other.boot && me.namespace === other.namespace
  )
}

const isGone = (pid: number): boolean => {
  if (!isPermitted({ name: "run" })) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (cause) {
    return (cause as { readonly code?: unknown }).code === "ESRCH"
  }
}

const hasRebooted = (me: ProcessId, other: ProcessId): boolean =>
  me.host === other.host && me.boot !== undefined && other.boot !== undefined && me.boot !== other.boot

/** Whether a process is known to be dead. One of another host, or another container, is not. */
export const isSeenDead = (me: ProcessId, other: ProcessId): boolean => {
  if (hasRebooted(me, other)) return true
  if (!canSee(me, other)) return false
  if (isGone(other.pid)) return true
  const now = stateOf(other.pid)
  if (now === undefined) return false
  return now.dead || (other.started !== undefined && now.started !== other.started)
}
