import { type TokenkeepError, tokenkeepErrorOf } from "@tokenkeep/core"
import type { DeeplyClient, DeeplyEvent, EventQuery } from "@tokenkeep/deeply"
import { setTimeout } from "node:timers/promises"

/** An event may be stored after a newer one. Such an event is found if it is no more than this late. */
const overlapMillis = 60_000

/** Ids of events that may be returned again; older ones are before the overlap. */
const maxSeen = 10_000

/** Failed requests are repeated with pauses that grow to this, in milliseconds. */
const longestPause = 60_000

/** The pause after failed requests in a row, in milliseconds: the interval, and then twice as long each time. */
export const pauseAfter = (failures: number, interval: number): number =>
  Math.min(interval * 2 ** (failures - 1), Math.max(interval, longestPause))

/** How events are followed. */
export interface FollowOptions {
  /** Milliseconds between two requests. */
  readonly interval: number
  readonly signal: AbortSignal
  /** Called at the first of failed requests in a row, with the pause in milliseconds. */
  readonly onFailure: (error: TokenkeepError, pause: number) => void
  /** Called when a request succeeds after failed ones. */
  readonly onRecovery: () => void
}

const byTime = (a: DeeplyEvent, b: DeeplyEvent) => Date.parse(a.created_at) - Date.parse(b.created_at)

/** An error after which the same request can succeed; any other is thrown. */
const retryableError = (error: unknown, signal: AbortSignal): TokenkeepError => {
  const known = tokenkeepErrorOf(error)
  if (signal.aborted || known?.retryable !== true) throw error
  return known
}

/**
 * Events as they happen, oldest first: asks every `interval` milliseconds for those since the newest that was seen. Goes on
 * after an error that a later request may not have. Ends when the signal aborts.
 */
export async function* followEvents(
  { events }: Pick<DeeplyClient, "events">,
  query: EventQuery & { readonly start: string | Date },
  { interval, onFailure, onRecovery, signal }: FollowOptions
): AsyncGenerator<ReadonlyArray<DeeplyEvent>> {
  const seen = new Set<string>()
  let { start } = query
  let failures = 0
  while (!signal.aborted) {
    try {
      // An event may be on two pages, if others came in between.
      const unseen = new Map<string, DeeplyEvent>()
      for await (const event of events.all({ ...query, start, size: 100 }, { signal })) {
        if (!seen.has(event.id)) unseen.set(event.id, event)
      }
      if (failures > 0) onRecovery()
      failures = 0
      // Only a complete listing counts as seen: what a failed one returned is fetched again.
      for (const id of unseen.keys()) seen.add(id)
      for (const id of seen) if (seen.size > maxSeen) seen.delete(id)
      const found = [...unseen.values()].toSorted(byTime)
      const newest = found.at(-1)
      if (newest !== undefined)
        start = new Date(Math.max(Date.parse(newest.created_at) - overlapMillis, new Date(start).getTime()))
      yield found
    } catch (error) {
      const known = retryableError(error, signal)
      failures += 1
      if (failures === 1) onFailure(known, pauseAfter(failures, interval))
    }
    await setTimeout(failures === 0 ? interval : pauseAfter(failures, interval), undefined, { signal })
  }
}
