import { randomUUID } from "node:crypto"
import { writeFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { inNamespaceOf, inNewNamespaces } from "./support/namespaces.ts"
import { newDirectory, openStorage, type TestDirectory } from "./support/testDirectory.ts"
import { startWorker, type Worker } from "./support/workers.ts"

const minute = 60_000

const request = (worker: Worker, owner: string, millis = minute) =>
  worker.run("acquireLease", { name: "name", owner, millis })

/** Replaces a file of the kernel, as container runtimes do. */
const withFile = ({ path }: TestDirectory, file: string, content: string, options: ReadonlyArray<string>) => {
  writeFileSync(`${path}-file`, content)
  return inNewNamespaces(["--mount", ...options], `mount --bind '${path}-file' ${file}`)
}

/** Containers in which the lease of a process on their host has to count, and the other way round. */
const containers: ReadonlyArray<readonly [string, (directory: TestDirectory) => ReadonlyArray<string>]> = [
  // lxcfs shows how long the container has been running.
  [
    "that sees its own uptime",
    (directory) => withFile(directory, "/proc/uptime", "1.00 1.00\n", ["--pid", "--mount-proc"])
  ],
  ["whose kernel clock is ahead", () => inNewNamespaces(["--time", "--boottime", "100000"])],
  ["whose kernel clock is behind", () => inNewNamespaces(["--time", "--boottime", "-10"])],
  [
    "that has the same host name and another boot id",
    (directory) => withFile(directory, "/proc/sys/kernel/random/boot_id", randomUUID(), [])
  ]
]

describe.each(containers)("a container %s", (_, prefixOf) => {
  it("TOK-3: gets no second lease while a process on its host has one", async () => {
    using directory = newDirectory()
    await using host = await startWorker({ directory: directory.path })
    await using container = await startWorker({ directory: directory.path, prefix: prefixOf(directory) })
    expect(await request(host, "host")).toMatchObject({ _tag: "Lease" })
    expect(await request(container, "container")).toMatchObject({ _tag: "LeaseTaken" })
    await host.run("release", { name: "name" })
    expect(await request(container, "container")).toMatchObject({ _tag: "Lease" })
    expect(await request(host, "host")).toMatchObject({ _tag: "LeaseTaken" })
  })

  it("TOK-3: need not wait for a lease that has ended before it started", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await storage.acquireLease("name", "host", 100)
    await sleep(150)
    await using container = await startWorker({ directory: directory.path, prefix: prefixOf(directory) })
    expect(await request(container, "container", 100)).toMatchObject({ _tag: "Lease" })
    await sleep(150)
    expect(await storage.requestLease("name", "host")).toMatchObject({ _tag: "Lease" })
  })
})

describe("processes in their own process id namespace that see the /proc of the host", () => {
  it("TOK-3: do not take a neighbour for dead while it is running, and notice that it was killed", async () => {
    using directory = newDirectory()
    const prefix = inNewNamespaces(["--pid"])
    await using first = await startWorker({ directory: directory.path, prefix })
    await using second = await startWorker({
      directory: directory.path,
      prefix: prefix.length === 0 ? [] : inNamespaceOf(first.pid)
    })
    // To the host, the id of the first one is that of another process.
    await request(first, "first")
    expect(await request(second, "second")).toMatchObject({ _tag: "LeaseTaken" })
    await first.run("release", { name: "name" })
    await request(second, "second")
    expect(await request(first, "first")).toMatchObject({ _tag: "LeaseTaken" })
    await second.signal("SIGKILL")
    await expect.poll(async () => (await request(first, "first"))._tag).toBe("Lease")
  })
})
