import type { DeeplyEvent, EventQuery } from "@tokenkeep/deeply"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { openDeeplyProfile } from "../clients/openDeeplyProfile.ts"
import { batches, limited } from "../listing/batches.ts"
import type { Column } from "../listing/Column.ts"
import { followEvents } from "../listing/followEvents.ts"
import { instantOf } from "../listing/instantOf.ts"
import { duration } from "../output/duration.ts"
import { note } from "../output/note.ts"
import { reportError } from "../output/printError.ts"
import { progress } from "../listing/progress.ts"
import { type ListFormat, rowWriter } from "../listing/rowWriter.ts"
import type { ProfileChoice } from "../profiles/Profile.ts"

export interface EventsOptions extends ProfileChoice {
  readonly since?: string
  readonly until?: string
  readonly mic?: ReadonlyArray<string>
  readonly label?: ReadonlyArray<string>
  readonly limit?: number
  readonly follow?: boolean
  /** Seconds. */
  readonly interval?: number
  readonly format?: ListFormat
}

const columns: ReadonlyArray<Column<DeeplyEvent>> = [
  { name: "created_at", of: ({ created_at }) => created_at },
  { name: "label", of: ({ label }) => label.id },
  { name: "confidence", of: ({ confidence }) => confidence },
  { name: "mic", of: ({ mic }) => mic.name },
  { name: "id", of: ({ id }) => id }
]

const queryOf = ({ label, mic, since, until }: EventsOptions, now: number): EventQuery => ({
  ...(since !== undefined && { start: instantOf("--since", since, now) }),
  ...(until !== undefined && { end: instantOf("--until", until, now) }),
  ...(mic !== undefined && { mic_id: mic }),
  ...(label !== undefined && { label_id: label })
})

/** `tokenkeep events`: lists events, or prints them as they happen. */
export const events = async (options: EventsOptions, signal: AbortSignal): Promise<void> => {
  const now = await Effect.runPromise(Clock.currentTimeMillis)
  const query = queryOf(options, now)
  const write = rowWriter(options.format ?? "table", columns)
  await using deeply = await openDeeplyProfile(options)
  if (options.follow === true) {
    if (process.stderr.isTTY) note("Waiting for events. Ctrl-C ends it.")
    const following = { ...query, start: query.start ?? new Date(now) }
    const found = followEvents(deeply, following, {
      interval: (options.interval ?? 5) * 1000,
      signal,
      onFailure: (error, pause) => reportError(error, [["next", `in ${duration(pause)}, and then with longer pauses`]]),
      onRecovery: () => note("tokenkeep: the API responds again")
    })
    for await (const batch of limited(found, options.limit)) await write(batch)
    return
  }
  const count = progress("events")
  const all = batches(deeply.events.all({ size: 100, ...query }, { signal }), 100)
  for await (const batch of limited(all, options.limit)) {
    count.add(batch.length)
    await write(batch)
  }
  await count.end(write)
}
