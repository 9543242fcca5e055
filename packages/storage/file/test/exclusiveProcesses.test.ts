import { readFileSync, writeFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { countsOf } from "./support/recordText.ts"
import { seededRandom } from "./support/seededRandom.ts"
import { newDirectory, openStorage } from "./support/testDirectory.ts"
import { startWorker, startWorkers, type Worker } from "./support/workers.ts"

const seed = Number(process.env["SCHEDULE_SEED"] ?? 20_261_127)
const kills = Number(process.env["STORAGE_KILLS"] ?? 5)
const freezes = Number(process.env["STORAGE_FREEZES"] ?? 12)

/** A directory, and a log of the changes that the storage confirmed. */
const newCounter = () => {
  const directory = newDirectory()
  const log = `${directory.path}.log`
  writeFileSync(log, "")
  const confirmed = () => {
    const counts: Record<string, number> = {}
    for (const id of readFileSync(log, "utf8").split("\n").filter(Boolean)) counts[id] = (counts[id] ?? 0) + 1
    return counts
  }
  return { directory, log, confirmed, [Symbol.dispose]: () => directory[Symbol.dispose]() }
}

describe(`records that change by comparison (SCHEDULE_SEED=${seed})`, () => {
  it("STO-7: 8 processes lose no change and make none twice", async () => {
    using counter = newCounter()
    const { directory, log } = counter
    const workers = await startWorkers(8, { directory: directory.path })
    await using stack = new AsyncDisposableStack()
    for (const worker of workers) stack.use(worker)
    const times = 10
    await Promise.all(workers.map((worker, i) => worker.run("increment", { name: "name", id: `w${i}`, times, log })))
    const storage = await openStorage(directory.path)
    const counts = countsOf((await storage.loadExclusive("name"))?.text)
    expect(counts).toEqual(counter.confirmed())
    expect(Object.values(counts)).toEqual(Array.from({ length: 8 }, () => times))
    expect(directory.files("name")).toEqual(["0.exclusive", `${8 * times}.exclusive`])
  })

  it(
    `STO-7: of processes that are killed ${kills} times, no confirmed change is lost, and the newest is readable`,
    { timeout: 300_000 + kills * 5_000 },
    async () => {
      using counter = newCounter()
      const { directory, log } = counter
      const random = seededRandom(seed)
      const storage = await openStorage(directory.path)
      let started = 0
      const start = async (): Promise<Worker> => {
        const worker = await startWorker({ directory: directory.path })
        started += 1
        worker.run("increment", { name: "name", id: `w${started}`, times: 1e9, log }).catch(() => undefined)
        return worker
      }
      await using stack = new AsyncDisposableStack()
      const workers = await Promise.all([start(), start()])
      for (const worker of workers) stack.use(worker)
      for (let kill = 0; kill < kills; kill += 1) {
        await sleep(random() * 60)
        const victim = Math.floor(random() * workers.length)
        await workers[victim]?.signal("SIGKILL")
        const confirmed = counter.confirmed()
        const counts = countsOf((await storage.loadExclusive("name"))?.text)
        for (const [id, count] of Object.entries(confirmed)) expect(counts[id]).toBeGreaterThanOrEqual(count)
        workers[victim] = stack.use(await start())
      }
      for (const worker of workers) await worker.signal("SIGKILL")
      const confirmed = counter.confirmed()
      const newest = await storage.loadExclusive("name")
      // A process that was killed after its change was linked could not confirm it.
      for (const [id, count] of Object.entries(countsOf(newest?.text))) {
        expect([count, count - 1]).toContain(confirmed[id] ?? 0)
      }
      expect(await storage.replace("name", newest?.version, "after-the-kills")).toBe(true)
      expect(directory.files("name").filter((file) => file !== "0.exclusive")).toHaveLength(1)
    }
  )

  it(
    `STO-7: processes that are frozen ${freezes} times neither lose a change nor bring an old one back`,
    { timeout: 300_000 + freezes * 5_000 },
    async () => {
      using counter = newCounter()
      const { directory, log } = counter
      const random = seededRandom(seed)
      const storage = await openStorage(directory.path)
      const workers = await startWorkers(3, { directory: directory.path })
      await using stack = new AsyncDisposableStack()
      for (const worker of workers) stack.use(worker)
      const times = 40
      let isDone = false
      const working = Promise.all(
        workers.map((worker, i) => worker.run("increment", { name: "name", id: `w${i}`, times, log }))
      ).finally(() => (isDone = true))
      const sumNow = async () =>
        Object.values(countsOf((await storage.loadExclusive("name"))?.text)).reduce((sum, count) => sum + count, 0)
      const watching = (async () => {
        for (let last = 0; !isDone; await sleep(1)) {
          const sum = await sumNow()
          expect(sum).toBeGreaterThanOrEqual(last)
          last = sum
        }
      })()
      for (let freeze = 0; freeze < freezes && !isDone; freeze += 1) {
        const worker = workers[Math.floor(random() * workers.length)]
        await worker?.signal("SIGSTOP")
        await sleep(random() * 50)
        await worker?.signal("SIGCONT")
        await sleep(random() * 10)
      }
      await working
      await watching
      expect(countsOf((await storage.loadExclusive("name"))?.text)).toEqual({ w0: times, w1: times, w2: times })
      expect(counter.confirmed()).toEqual({ w0: times, w1: times, w2: times })
    }
  )
})
