/** Groups of up to `size` items, so that a long listing is printed while it is fetched. */
export async function* batches<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<ReadonlyArray<Item>> {
  let batch: Array<Item> = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** The batches up to a number of items; no batch after it is fetched. */
export async function* limited<Item>(
  all: AsyncIterable<ReadonlyArray<Item>>,
  limit = Infinity
): AsyncGenerator<ReadonlyArray<Item>> {
  let left = limit
  for await (const batch of all) {
    yield batch.slice(0, left)
    left -= batch.length
    if (left <= 0) return
  }
}
