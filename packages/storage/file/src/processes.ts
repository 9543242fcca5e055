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
  /** The namespace of the kernel's clock, which may be ahead or behind in another one. Linux 5.6 and later. */
  readonly timeNamespace?: string | undefined
  readonly pid: number
  /** When the process started, in kernel ticks: distinguishes it from a later process with the same id. Linux only. */
  readonly started?: string | undefined
}

/** What a process can find out about itself and others. */
export interface Processes {
  readonly self: ProcessId
  /**
   * Milliseconds since the kernel started, including sleep. Setting the wall clock does not change it. Undefined if the
   * system does not say.
   */
  readonly bootClock: () => number | undefined
  /** Whether the process reads the same `bootClock`. */
  readonly sharesBootClock: (other: ProcessId) => boolean
  /** Whether the process has certainly ended. False if it cannot be checked: on another host or in another container. */
  readonly hasEnded: (other: ProcessId) => boolean
}

/** The value, or undefined if Deno does not permit the call or the system does not support it. */
const ifAvailable = <A>(read: () => A): A | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
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

/** Linux counts them in hundredths of a second, on all but a few old processors. */
const millisPerTick = 10

/** By how much the kernel may round its figures, in milliseconds. */
const rounding = 1_000

/** @param proc Where the kernel shows its processes. */
export const makeProcesses = (proc = "/proc"): Processes => {
  // Synchronous, because the kernel serves /proc from memory: reading it never waits for a disk.
  const readProc = (file: string, read = (path: string) => readFileSync(path, "utf8")): string | undefined => {
    const path = `${proc}/${file}`
    return isPermitted({ name: "read", path }) ? ifAvailable(() => read(path).trim()) : undefined
  }

  const readState = (pid: number | "self") => {
    const stat = readProc(`${pid}/stat`)
    if (stat === undefined) return undefined
    // The second field is the program's name in brackets. It may itself contain spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    // Z is a zombie: it has ended, but its parent has not read its exit status yet.
    return { isEnded: /^[ZXx]$/.test(fields[0] ?? ""), started: fields[19] }
  }

  const self: ProcessId = {
    host: (isPermitted({ name: "sys", kind: "hostname" }) ? ifAvailable(hostname) : undefined) ?? "unknown",
    boot: readProc("sys/kernel/random/boot_id"),
    namespace: readProc("self/ns/pid", readlinkSync),
    timeNamespace: readProc("self/ns/time", readlinkSync),
    pid: process.pid,
    started: readState("self")?.started
  }

  const bootClock = (): number | undefined => {
    const now = Number(readProc("uptime")?.split(" ")[0]) * 1000
    // In a container, lxcfs shows the age of the container instead. The process then seems to have started later than now.
    const earliest = Number(self.started) * millisPerTick + process.uptime() * 1000
    return now >= earliest - rounding ? Math.round(now) : undefined
  }

  const sharesBootClock = ({ boot, timeNamespace }: ProcessId): boolean =>
    self.boot !== undefined && self.boot === boot && self.timeNamespace === timeNamespace

  const sharesProcessIds = (other: ProcessId): boolean => {
    if (process.platform !== "linux") return self.host === other.host && other.boot === undefined
    return sharesBootClock(other) && self.namespace !== undefined && self.namespace === other.namespace
  }

  /** Whether {@link proc} shows the ids of this process's own namespace: it shows one id for each one below its own. */
  const showsOwnIds = (): boolean => /^NSpid:\s+\d+$/m.test(readProc("self/status") ?? "")

  const hasEnded = (other: ProcessId): boolean => {
    if (!sharesProcessIds(other)) return false
    if (doesNotExist(other.pid)) return true
    const state = showsOwnIds() ? readState(other.pid) : undefined
    if (state === undefined) return false
    return state.isEnded || (other.started !== undefined && state.started !== other.started)
  }

  return { self, bootClock, sharesBootClock, hasEnded }
}
