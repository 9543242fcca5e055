import type { DeeplyClient } from "tokenkeep"

/** Page after page, as a table with a "next" button would; then all of them in one loop, as a report would. */
export const readEvents = async ({ events }: DeeplyClient): Promise<void> => {
  for (let page = 1, last = 1; page <= last; page += 1) {
    const { max_page, results, total_cnt } = await events.list({ page, size: 40 })
    last = max_page
    console.log(`page ${page} of ${last}: ${results.length} of ${total_cnt} events`)
  }

  const counts = new Map<string, number>()
  for await (const { label } of events.all({ size: 100 })) {
    counts.set(label.name.en, (counts.get(label.name.en) ?? 0) + 1)
  }
  const [[name, count] = ["nothing", 0]] = [...counts].toSorted(([, one], [, other]) => other - one)
  console.log(`heard most often: ${name}, ${count} times`)
}
