import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, expect, it, vi } from "vitest"
import { makeProcesses, type ProcessId } from "../src/processes.ts"
import { endedProcess } from "./support/leaseFiles.ts"
import { newDirectory } from "./support/testDirectory.ts"

afterEach(() => vi.restoreAllMocks())

const hour = 3_600
const ticks = (seconds: number) => `${seconds * 100}`

const statOf = (pid: number, started: string) => `${pid} (a (strange) name) S ${"0 ".repeat(18)}${started} 0 0\n`

/** What a process reads in /proc, if nothing is unusual: it started 10 hours after the kernel. */
const usual = {
  uptime: 10 * hour,
  started: ticks(10 * hour),
  timeNamespace: "time:[1]",
  /** One id for each process id namespace from that of /proc to its own. */
  ids: [process.pid],
  /** When the process with its id started, as /proc shows it. */
  startedById: ticks(10 * hour)
}

/** What this process finds out with such a /proc. */
const processesIn = (root: string, changes: Partial<typeof usual> = {}) => {
  const { ids, started, startedById, timeNamespace, uptime } = { ...usual, ...changes }
  const files = {
    uptime: `${uptime.toFixed(2)} 1.00\n`,
    "self/stat": statOf(ids[0] ?? 0, started),
    "self/status": `Name:\tnode\nPid:\t${ids[0]}\nNSpid:\t${ids.join("\t")}\nThreads:\t1\n`,
    [`${process.pid}/stat`]: statOf(process.pid, startedById),
    "sys/kernel/random/boot_id": "a-boot\n"
  }
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(join(root, file, ".."), { recursive: true })
    writeFileSync(join(root, file), content)
  }
  mkdirSync(join(root, "self/ns"))
  symlinkSync("pid:[1]", join(root, "self/ns/pid"))
  symlinkSync(timeNamespace, join(root, "self/ns/time"))
  return makeProcesses(root)
}

const neighbour: ProcessId = {
  host: "a-host",
  boot: "a-boot",
  namespace: "pid:[1]",
  timeNamespace: "time:[1]",
  pid: process.pid,
  started: usual.started
}

describe("the clock of the kernel", () => {
  it("TOK-3: is the uptime", () => {
    using directory = newDirectory()
    vi.spyOn(process, "uptime").mockReturnValue(3)
    expect(processesIn(directory.path, { uptime: 10 * hour + 3 }).bootClock()).toBe((10 * hour + 3) * 1_000)
  })

  it.each([
    ["the container has just started", 5, 1],
    ["the container is older than its host was", 9 * hour, 9 * hour - 6]
  ])("TOK-3: is unknown if the uptime is that of a container, and %s", (_, uptime, age) => {
    using directory = newDirectory()
    // The kernel started 10 hours before the process, which has been running for `age` seconds.
    vi.spyOn(process, "uptime").mockReturnValue(age)
    expect(processesIn(directory.path, { uptime }).bootClock()).toBeUndefined()
  })

  it("TOK-3: is shared with processes of the same kernel and time namespace", () => {
    using directory = newDirectory()
    const { sharesBootClock } = processesIn(directory.path)
    expect(sharesBootClock(neighbour)).toBe(true)
    expect(sharesBootClock({ ...neighbour, namespace: "pid:[2]" })).toBe(true)
    expect(sharesBootClock({ ...neighbour, timeNamespace: "time:[2]" })).toBe(false)
    expect(sharesBootClock({ ...neighbour, timeNamespace: undefined })).toBe(false)
    expect(sharesBootClock({ ...neighbour, boot: "another-boot" })).toBe(false)
  })
})

describe("a process", () => {
  it("TOK-3: has ended if no process has its id, or one that started at another time", () => {
    using directory = newDirectory()
    const { hasEnded } = processesIn(directory.path)
    expect(hasEnded(neighbour)).toBe(false)
    expect(hasEnded({ ...neighbour, started: "1" })).toBe(true)
    expect(hasEnded({ ...neighbour, pid: endedProcess().pid })).toBe(true)
  })

  it.each([
    ["in another time namespace, where it seems to have started at another time", { timeNamespace: "time:[2]" }],
    ["in another process id namespace", { namespace: "pid:[2]" }],
    ["on another host with the same name", { boot: "another-boot" }]
  ])("TOK-3: %s cannot be checked", (_, changes) => {
    using directory = newDirectory()
    const { hasEnded, self } = processesIn(directory.path)
    expect(hasEnded({ ...neighbour, host: self.host, started: "1", ...changes })).toBe(false)
  })

  it("TOK-3: is checked by its id alone if /proc shows the ids of another namespace", () => {
    using directory = newDirectory()
    const { hasEnded } = processesIn(directory.path, { ids: [4_242, process.pid], startedById: "1" })
    expect(hasEnded(neighbour)).toBe(false)
    expect(hasEnded({ ...neighbour, pid: endedProcess().pid })).toBe(true)
  })
})
