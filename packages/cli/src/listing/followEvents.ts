import type { DeeplyClient, DeeplyEvent, EventQuery } from "@tokenkeep/deeply"
import { setTimeout } from "node:timers/promises"

/** An event may be stored after a newer one. Such an event is found if it is no more than this late. */
const overlapMillis = 60_000

/** Ids of events that may be returned again; older ones are before the overlap. */
const maxSeen = 10_000

const byTime = (a: DeeplyEvent, b: DeeplyEvent) => Date.parse(a.created_at) - Date.parse(b.created_at)

/**
 * Events as they happen, oldest first: asks every `interval` milliseconds for those since the newest that was seen. Ends
 * when the signal aborts.
 */
export async function* followEvents(
  { events }: Pick<DeeplyClient, "events">,
  query: EventQuery & { readonly start: string | Date },
  { interval, signal }: { readonly interval: number; readonly signal: AbortSignal }
): AsyncGenerator<ReadonlyArray<DeeplyEvent>> {
  const seen = new Set<string>()
  let { start } = query
  while (!signal.aborted) {
    const found: Array<DeeplyEvent> = []
    for await (const event of events.all({ ...query, start, size: 100 }, { signal })) {
      if (!seen.has(event.id)) found.push(event)
      seen.add(event.id)
    }
    found.sort(byTime)
    for (const id of seen) if (seen.size > maxSeen) seen.delete(id)
    const newest = found.at(-1)
    if (newest !== undefined)
      start = new Date(Math.max(Date.parse(newest.created_at) - overlapMillis, new Date(start).getTime()))
    yield found
    await setTimeout(interval, undefined, { signal })
  }
}
