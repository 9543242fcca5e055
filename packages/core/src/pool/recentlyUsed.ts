/** An entry of {@link recentlyUsed}; the list sets both fields. */
export interface Linked<Self> {
  older: Self | undefined
  newer: Self | undefined
}

/** Entries in the order of their last use. Every operation takes the same short time, however many there are. */
export const recentlyUsed = <Entry extends Linked<Entry>>() => {
  let oldest: Entry | undefined
  let newest: Entry | undefined

  const remove = (entry: Entry): void => {
    const { newer, older } = entry
    if (older !== undefined) older.newer = newer
    else if (oldest === entry) oldest = newer
    if (newer !== undefined) newer.older = older
    else if (newest === entry) newest = older
    entry.older = undefined
    entry.newer = undefined
  }

  return {
    remove,
    /** Adds the entry as the newest one, or moves it there. */
    use: (entry: Entry): void => {
      if (entry === newest) return
      remove(entry)
      entry.older = newest
      if (newest !== undefined) newest.newer = entry
      newest = entry
      oldest ??= entry
    },
    oldest: () => oldest
  }
}
