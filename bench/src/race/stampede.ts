import { type Case, interleaved } from "../measure.ts"
import { ask, start } from "./childProcess.ts"
import type { Part } from "./entries.ts"
import type { MemberAnswer, MemberRequest } from "./member.ts"
import { optionsOf, participants, type Race } from "./Race.ts"
import { outcomeRows, type Table } from "./Table.ts"

interface Stampede {
  readonly part: Part
  readonly processes: number
  /** Of each process. */
  readonly callers: number
  readonly voidsPrevious: boolean
}

const tokenDelay = 20

/** Many callers at once, in processes that have no token yet: after a start, a deployment, or an outage. */
export const stampede = async (race: Race, options: Stampede): Promise<Table> => {
  const { callers, part, processes, voidsPrevious } = options
  const members = await Promise.all(Array.from({ length: processes }, () => start("member.ts")))
  const askAll = (message: MemberRequest) => Promise.all(members.map(({ child }) => ask<MemberAnswer>(child, message)))
  let runs = 0
  const cases = participants(race, part).map((name): Case => ({
    name,
    run: async () => {
      runs += 1
      const key = `stampede-${processes}-${voidsPrevious}-${runs}`
      await askAll({ type: "create", name, options: optionsOf(race, name, key) })
      const before = await race.server.tokenRequests()
      const began = performance.now()
      const answers = await askAll({ type: "send", callers })
      return {
        ms: performance.now() - began,
        tokens: (await race.server.tokenRequests()) - before,
        failures: answers.reduce((sum, { failures }) => sum + failures, 0)
      }
    }
  }))
  await race.server.set({ voidsPrevious, tokenDelay, delay: 5 })
  const timings = await interleaved(cases, { rounds: race.rounds, times: 1 })
  await race.server.set({})
  await Promise.all(members.map(({ stop }) => stop()))
  const total = processes * callers
  const who =
    processes === 1
      ? `${callers.toLocaleString("en")} callers in one process`
      : `${processes} processes × ${callers} callers`
  return {
    title: `Stampede: ${who}${voidsPrevious ? ", each new token voids the one before" : ""}`,
    note: `No process has a token yet, and ${total.toLocaleString("en")} requests start together. A token request takes ${tokenDelay} ms, a request 5 ms.`,
    rows: outcomeRows(timings)
  }
}
