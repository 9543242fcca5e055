import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import type { Answer, Job } from "./Job.ts"

const program = new URL("./worker.main.ts", import.meta.url)

/** How often a worker is replaced until the fault must be elsewhere. */
const mostDeaths = 3

const ask = async (child: ChildProcess, job: Job): Promise<Answer> => {
  const answered = once(child, "message")
  // It may be gone already, which its exit tells.
  child.send(job, () => undefined)
  const [answer] = (await answered) as [Answer]
  return answer
}

/** Has a process do one job after another until there are none. When it dies, another one takes its place and its job. */
export const supervise = async (name: string, jobs: Array<Job>, env: NodeJS.ProcessEnv): Promise<number> => {
  let events = 0
  for (let deaths = 0; deaths <= mostDeaths; deaths += 1) {
    const child = fork(program, { env })
    console.log(`${name} is process ${child.pid}`)
    const gone = once(child, "exit")
    const died = gone.then(() => undefined)

    let job = jobs.shift()
    for (; job !== undefined; job = jobs.shift()) {
      const answer = await Promise.race([ask(child, job), died])
      if (answer === undefined) break
      if ("failure" in answer) {
        // What fails for one fails for all of them: the others need not try.
        jobs.length = 0
        child.disconnect()
        throw new Error(answer.failure)
      }
      events += answer.events
    }
    if (job === undefined) {
      child.disconnect()
      await gone
      return events
    }
    jobs.unshift(job)
    const [code, signal] = (await gone) as [number | null, string | null]
    console.log(`${name} ended with ${signal ?? code}, page ${job.page} is read by another process`)
  }
  throw new Error(`${name} died ${mostDeaths + 1} times`)
}
