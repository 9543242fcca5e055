import { mkdirSync, utimesSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import { spawnSync } from "node:child_process"
import { encodeLease, type LeaseContent, leaseFor } from "../../src/internal/leaseFile.ts"
import { bootClock, type ProcessId, thisProcess } from "../../src/internal/processes.ts"

/** A process that has just ended, seen from this one. */
export const deadProcess = (): ProcessId => {
  const { pid } = spawnSync(process.execPath, ["--version"])
  return { ...thisProcess(), pid, started: "1" }
}

/** A process that this one cannot look at: of a container on the same machine. */
export const contained: ProcessId = { ...thisProcess(), host: "container", namespace: "pid:[1]", pid: 1, started: "1" }

/** One of another machine. */
export const foreign: ProcessId = {
  host: `not-${hostname()}`,
  boot: "00000000-0000-4000-8000-000000000000",
  namespace: "pid:[1]",
  pid: 1,
  started: "1"
}

const now = () => ({ wall: Date.now(), boot: bootClock() })

/** A lease as that process would have written it now. */
export const leaseOf = (holder: ProcessId, changes: Partial<LeaseContent> = {}, millis = 12_000): LeaseContent => ({
  ...leaseFor({ owner: "somebody", millis }, holder, now()),
  ...changes
})

/** Puts a file into a name's folder, as if it had been written some milliseconds ago. */
export const plant = (folder: string, file: string, content: string, age = 0): string => {
  mkdirSync(join(folder, "..", ".tmp"), { recursive: true, mode: 0o700 })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, file)
  writeFileSync(path, content, { mode: 0o600 })
  const at = (Date.now() - age) / 1000
  utimesSync(path, at, at)
  return path
}

export const plantLease = (folder: string, fence: number, lease: LeaseContent): string =>
  plant(folder, `${fence}.lease`, encodeLease(lease))
