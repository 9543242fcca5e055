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

/** The first items, up to a limit; no further page is fetched. */
export async function* limited<Item>(items: AsyncIterable<Item>, limit: number | undefined): AsyncGenerator<Item> {
  let left = limit ?? Infinity
  if (left <= 0) return
  for await (const item of items) {
    yield item
    left -= 1
    if (left <= 0) return
  }
}
