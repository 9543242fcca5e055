import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"
import process from "node:process"
import { isPermitted } from "./denoPermission.ts"

/** Identifies a process, so that other processes can check whether it is still running. */
export interface ProcessId {
  readonly host: string
  /** Identifies one start of the kernel, which all containers share. Linux only. */
  readonly boot?: string | undefined
  /** The namespace of the process id. The same id means another process in another namespace. Linux only. */
  readonly namespace?: string | undefined
  readonly pid: number
  /** When the process started, in kernel ticks: distinguishes it from a later process with the same id. Linux only. */
  readonly started?: string | undefined
}

/** The value, or undefined if Deno does not permit the call or the system does not support it. */
const ifAvailable = <A>(read: () => A): A | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}

// Synchronous, because the kernel serves /proc from memory: reading it never waits for a disk.
const readProc = (file: string, read = (path: string) => readFileSync(path, "utf8")): string | undefined => {
  const path = `/proc/${file}`
  return isPermitted({ name: "read", path }) ? ifAvailable(() => read(path).trim()) : undefined
}

interface ProcessState {
  readonly hasEnded: boolean
  readonly started: string | undefined
}

const readState = (pid: number | "self"): ProcessState | undefined => {
  const stat = readProc(`${pid}/stat`)
  if (stat === undefined) return undefined
  // The second field is the program's name in brackets. It may itself contain spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  // Z is a zombie: it has ended, but its parent has not read its exit status yet.
  return { hasEnded: /^[ZXx]$/.test(fields[0] ?? ""), started: fields[19] }
}

export const currentProcess = (): ProcessId => ({
  host: (isPermitted({ name: "sys", kind: "hostname" }) ? ifAvailable(hostname) : undefined) ?? "unknown",
  boot: readProc("sys/kernel/random/boot_id"),
  namespace: readProc("self/ns/pid", readlinkSync),
  pid: process.pid,
  started: readState("self")?.started
})

/** Milliseconds since the kernel started, including sleep. Setting the wall clock does not change it. */
export const bootClock = (): number | undefined => {
  const seconds = Number(readProc("uptime")?.split(" ")[0])
  return Number.isFinite(seconds) ? Math.round(seconds * 1000) : undefined
}

const canSee = (self: ProcessId, other: ProcessId): boolean => {
  if (process.platform !== "linux") return self.host === other.host && other.boot === undefined
  return (
    self.boot !== undefined &&
    self.namespace !== undefined &&
    self.boot === other.boot &&
    self.namespace === other.namespace
  )
}

const doesNotExist = (pid: number): boolean => {
  if (!isPermitted({ name: "run" })) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (cause) {
    return (cause as { readonly code?: unknown }).code === "ESRCH"
  }
}

const wasRebooted = (self: ProcessId, other: ProcessId): boolean =>
  self.host === other.host && self.boot !== undefined && other.boot !== undefined && self.boot !== other.boot

/** Whether the process has certainly ended. False if it cannot be checked: on another host or in another container. */
export const hasEnded = (self: ProcessId, other: ProcessId): boolean => {
  if (wasRebooted(self, other)) return true
  if (!canSee(self, other)) return false
  if (doesNotExist(other.pid)) return true
  const state = readState(other.pid)
  if (state === undefined) return false
  return state.hasEnded || (other.started !== undefined && state.started !== other.started)
}
