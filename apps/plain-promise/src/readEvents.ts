import type { DeeplyClient } from "tokenkeep"

/** Reads page by page, like a table with a "next" button. */
export const readPages = async ({ events }: DeeplyClient): Promise<void> => {
  for (let page = 1, last = 1; page <= last; page += 1) {
    const { max_page, results, total_cnt } = await events.list({ page, size: 40 })
    last = max_page
    console.log(`page ${page} of ${last}: ${results.length} of ${total_cnt} events`)
  }
}

/** Reads all events in one loop, like a report. */
export const countLabel = async ({ events }: DeeplyClient, label: string): Promise<void> => {
  let count = 0
  for await (const event of events.all({ size: 100 })) if (event.label.name.en === label) count += 1
  console.log(`${label}: ${count} events`)
}
