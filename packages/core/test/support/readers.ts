import type { TokenEvent } from "../../src/index.ts"

/** An event that is told apart by its number. */
export const numbered = (at: number): TokenEvent => ({ type: "storage-recovered", at })

export const numbersOf = (events: ReadonlyArray<TokenEvent>): ReadonlyArray<number> => events.map(({ at }) => at)

/** Reads one after the other, as many as asked for. */
export const taken = async (
  reader: AsyncIterator<TokenEvent, unknown>,
  count: number
): Promise<ReadonlyArray<TokenEvent>> => {
  const events: Array<TokenEvent> = []
  while (events.length < count) {
    const result = await reader.next()
    if (result.done === true) throw new Error(`It ended after ${events.length} events.`)
    events.push(result.value)
  }
  return events
}

/** Everything that there is until the end. */
export const untilEnd = async (events: AsyncIterable<TokenEvent>): Promise<ReadonlyArray<TokenEvent>> => {
  const all: Array<TokenEvent> = []
  for await (const event of events) all.push(event)
  return all
}
