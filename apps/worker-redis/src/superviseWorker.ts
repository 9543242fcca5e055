import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import type { Job, JobResult } from "./messages.ts"

const program = new URL("./worker.main.ts", import.meta.url)

/** How often a worker is restarted before the program gives up. */
const maxRestarts = 3

/** Sends a job to a worker. Returns its result, or undefined if the worker ended before it had one. */
const run = async (worker: ChildProcess, exited: Promise<unknown>, job: Job): Promise<JobResult | undefined> => {
  const result = once(worker, "message") as Promise<[JobResult]>
  // If the worker has ended, sending fails: the callback ignores that, because `exited` resolves too.
  worker.send(job, () => undefined)
  const [message] = (await Promise.race([result, exited.then(() => [])])) as [JobResult?]
  return message
}

/** Runs jobs in a worker process until none is left. If the worker ends early, a new one continues with its job. */
export const superviseWorker = async (name: string, jobs: Array<Job>, env: NodeJS.ProcessEnv): Promise<number> => {
  let events = 0
  for (let restarts = 0; restarts <= maxRestarts; restarts += 1) {
    const worker = fork(program, { env })
    console.log(`${name} is process ${worker.pid}`)
    const exited = once(worker, "exit")

    let job = jobs.shift()
    for (; job !== undefined; job = jobs.shift()) {
      const result = await run(worker, exited, job)
      if (result === undefined) break
      if ("failure" in result) {
        // The other workers would fail in the same way.
        jobs.length = 0
        worker.disconnect()
        throw new Error(result.failure)
      }
      events += result.events
    }
    if (job === undefined) {
      worker.disconnect()
      await exited
      return events
    }
    jobs.unshift(job)
    const [code, signal] = (await exited) as [number | null, string | null]
    console.log(`${name} ended with ${signal ?? code}, page ${job.page} is read by another process`)
  }
  throw new Error(`${name} ended ${maxRestarts + 1} times`)
}
