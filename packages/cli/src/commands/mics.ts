import type { DeeplyMic } from "@tokenkeep/deeply"
import { openDeeplyProfile } from "../clients/openDeeplyProfile.ts"
import { batches } from "../listing/batches.ts"
import type { Column } from "../listing/Column.ts"
import { progress } from "../listing/progress.ts"
import { type ListFormat, rowWriter } from "../listing/rowWriter.ts"
import type { ProfileChoice } from "../profiles/Profile.ts"

export interface MicsOptions extends ProfileChoice {
  readonly name?: string
  readonly edge?: string
  readonly format?: ListFormat
}

const columns: ReadonlyArray<Column<DeeplyMic>> = [
  { name: "id", of: ({ id }) => id },
  { name: "name", of: ({ name }) => name },
  { name: "status", of: ({ status }) => status },
  { name: "host", of: ({ host }) => host },
  { name: "edge", of: ({ edge_id }) => edge_id },
  { name: "latitude", of: ({ location }) => location.latitude },
  { name: "longitude", of: ({ location }) => location.longitude }
]

/** `tokenkeep mics`: lists microphones. */
export const mics = async ({ edge, format, name, ...choice }: MicsOptions, signal: AbortSignal): Promise<void> => {
  await using deeply = await openDeeplyProfile(choice)
  const write = rowWriter(format ?? "table", columns)
  const count = progress("microphones")
  const query = { size: 100, ...(name !== undefined && { name }), ...(edge !== undefined && { edge_id: edge }) }
  for await (const batch of batches(deeply.mics.all(query, { signal }), 100)) {
    count.add(batch.length)
    await write(batch)
  }
  await count.end(write)
}
