import { mkdirSync, utimesSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import { spawnSync } from "node:child_process"
import { encodeLease, type LeaseContent, newLease } from "../../src/leaseFile.ts"
import { temporaryFolder } from "../../src/folders.ts"
import { makeProcesses, type ProcessId } from "../../src/processes.ts"

const { bootClock, self } = makeProcesses()

export const thisProcess = self

/** A process that has just ended. */
export const endedProcess = (): ProcessId => {
  const { pid } = spawnSync(process.execPath, ["--version"])
  return { ...thisProcess, pid, started: "1" }
}

/** A process in another container on this machine, which cannot be checked from here. */
export const containerProcess: ProcessId = {
  ...thisProcess,
  host: "container",
  namespace: "pid:[1]",
  pid: 1,
  started: "1"
}

/** A process on another machine. */
export const remoteProcess: ProcessId = {
  host: `not-${hostname()}`,
  boot: "00000000-0000-4000-8000-000000000000",
  namespace: "pid:[1]",
  pid: 1,
  started: "1"
}

/** A lease that the process requests now. */
export const leaseOf = (holder: ProcessId, changes: Partial<LeaseContent> = {}, millis = 12_000): LeaseContent => ({
  ...newLease({ owner: "other", millis }, holder, { wall: Date.now(), boot: bootClock() }),
  ...changes
})

/** Writes a file into the folder of a name, as if it had been written `age` milliseconds ago. */
export const writeFile = (folder: string, file: string, content: string, age = 0): string => {
  mkdirSync(temporaryFolder(join(folder, "..")), { recursive: true, mode: 0o700 })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, file)
  writeFileSync(path, content, { mode: 0o600 })
  const at = (Date.now() - age) / 1000
  utimesSync(path, at, at)
  return path
}

export const writeLease = (folder: string, fence: number, lease: LeaseContent): string =>
  writeFile(folder, `${fence}.lease`, encodeLease(lease))
