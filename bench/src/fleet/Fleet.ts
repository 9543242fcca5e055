import type { TokenEvent } from "@tokenkeep/core"
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { bundlePrograms } from "test-programs"
import type { Job, Order, Tally, Told } from "./Messages.ts"

const programs = join(import.meta.dirname, "../../.programs")
await bundlePrograms({ worker: fileURLToPath(new URL("./worker.ts", import.meta.url)) }, programs)

/** One process of a fleet, as the fleet sees it. */
export interface Member {
  readonly process: ChildProcess
  readonly events: Array<TokenEvent>
  readonly send: (order: Order) => void
}

/** Real processes on one storage, which can be killed and frozen. */
export const startFleet = async (size: number, job: Job, onEvent: (event: TokenEvent, member: Member) => void) => {
  const members = new Set<Member>()
  const rounds = new Map<
    number,
    { readonly tallies: Array<Tally>; readonly expected: number; readonly done: () => void }
  >()
  const stopped: Array<readonly [Member, Tally]> = []

  const heard = (member: Member, told: Told) => {
    switch (told.told) {
      case "event":
        member.events.push(told.event)
        return onEvent(told.event, member)
      case "round": {
        const round = rounds.get(told.round)
        round?.tallies.push(told.tally)
        if (round?.tallies.length === round?.expected) round?.done()
        return
      }
      case "stopped":
        stopped.push([member, told.tally])
    }
  }

  const add = async (own: Partial<Job> = {}): Promise<Member> => {
    const child = fork(join(programs, "worker.mjs"), [JSON.stringify({ ...job, ...own })], {
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"]
    })
    const member: Member = { process: child, events: [], send: (order) => void (child.connected && child.send(order)) }
    child.on("message", (told: Told) => heard(member, told))
    child.once("exit", () => members.delete(member))
    await once(child, "message")
    members.add(member)
    return member
  }

  await Promise.all(Array.from({ length: size }, () => add()))

  return {
    members,
    add,
    /** Each caller of each process makes one request; answers what they came to. */
    round: async (number: number, taking: ReadonlySet<Member> = members): Promise<ReadonlyArray<Tally>> => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const tallies: Array<Tally> = []
      rounds.set(number, { tallies, expected: taking.size, done: resolve })
      for (const { send } of taking) send({ do: "round", round: number })
      await promise
      rounds.delete(number)
      return tallies
    },
    /** Ends all in good order; answers what those made of it that were there to the end. */
    stop: async (): Promise<ReadonlyArray<readonly [Member, Tally]>> => {
      const gone = [...members].map(({ process: child }) => once(child, "exit"))
      for (const { process: child, send } of members) {
        child.kill("SIGCONT")
        send({ do: "stop" })
      }
      await Promise.all(gone)
      return stopped
    }
  }
}

/** All tallies as one. */
export const summed = (tallies: ReadonlyArray<Tally>): Tally => {
  const failures: Record<string, number> = {}
  for (const tally of tallies) {
    for (const [why, times] of Object.entries(tally.failures)) failures[why] = (failures[why] ?? 0) + times
  }
  return {
    requests: tallies.reduce((sum, { requests }) => sum + requests, 0),
    failures,
    longestMillis: Math.max(0, ...tallies.map(({ longestMillis }) => longestMillis))
  }
}
