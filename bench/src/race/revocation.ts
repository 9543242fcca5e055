import { type Case, interleaved } from "../measure.ts"
import { closeAll, createAll, type Race } from "./Race.ts"
import { path, type Rival } from "./Rival.ts"
import { outcomeRows, type Table } from "./Table.ts"

const inFlight = 200

const isOk = (send: Rival["send"]): Promise<boolean> =>
  send(path).then(
    (status) => status < 400,
    () => false
  )

/** All requests find their token revoked: one renewal is enough, and each has to be sent again. */
export const revocation = async (race: Race): Promise<Table> => {
  const { server } = race
  const clients = await createAll(race, "revocation")
  const caseOf = (name: string, send: Rival["send"]): Case => ({
    name,
    run: async () => {
      await server.revoke()
      const before = await server.tokenRequests()
      const began = performance.now()
      const results = await Promise.all(Array.from({ length: inFlight }, () => isOk(send)))
      const ms = performance.now() - began
      const failures = results.filter((result) => !result).length
      return { ms, tokens: (await server.tokenRequests()) - before, failures }
    }
  })
  const cases = [...clients].map(([name, { send }]) => caseOf(name, send))
  const wrapper = clients.get("wrapper")
  if (wrapper !== undefined) cases.push(caseOf("wrapper (A/A)", wrapper.send))
  for (const { send } of clients.values()) await isOk(send)
  await server.set({ tokenDelay: 20, delay: 5 })
  const timings = await interleaved(cases, { rounds: race.rounds, times: 1 })
  await server.set({})
  await closeAll(clients)
  return {
    title: `${inFlight} requests on a token that was revoked`,
    note: "One token request is enough, and every request can be repeated. A token request takes 20 ms, a request 5 ms.",
    rows: outcomeRows(timings)
  }
}
