import { concurrent, interleaved, sequential, synchronous } from "../measure.ts"
import { closeAll, createAll, type Race } from "./Race.ts"
import { path, type Rival } from "./Rival.ts"
import { find, type Table, timesOf } from "./Table.ts"

const noop = async () => undefined

/** The cost of a token that is already there. */
export const cachedToken = async (race: Race): Promise<Table> => {
  const clients = await createAll(race, "token")
  const steps = new Map<string, NonNullable<Rival["token"]>>([
    ["an async function that does nothing", noop],
    ["the same again (A/A)", noop]
  ])
  for (const [name, { send, token }] of clients) {
    if (token === undefined) continue
    await send(path)
    await token()
    steps.set(name, token)
  }
  const one = await interleaved(
    [...steps].map(([name, step]) => (name.includes("peek") ? synchronous(name, step) : sequential(name, step))),
    { rounds: race.rounds, times: Math.ceil(100_000 * race.scale) }
  )
  const thousand = await interleaved(
    [...steps]
      .filter(([name]) => !name.includes("peek"))
      .map(([name, step]) => concurrent(name, 1_000, async () => step())),
    { rounds: race.rounds, times: Math.ceil(100_000 * race.scale) }
  )
  await closeAll(clients)
  const rows = one.map((timing) => [
    timing.name,
    {
      "one caller, ns": timesOf(timing, 1),
      ...(timing.name.includes("peek") ? {} : { "1,000 callers, ns each": timesOf(find(thousand, timing.name), 1) })
    }
  ])
  return {
    title: "The cost of a cached token",
    note: "`await` of the function that returns the token; `peek()` returns it without a promise. `tokenkeep` and the second wrapper have tokens that do not say when they expire, all others have tokens of an hour, for which they read the clock.",
    rows: Object.fromEntries(rows) as Table["rows"]
  }
}
