/** A map that removes the entry that was set least recently when it has more than `capacity` entries. */
export const boundedMap = <V>(capacity: number, entries = new Map<string, V>()) => {
  return {
    get: (key: string): V | undefined => entries.get(key),
    values: (): Iterable<V> => entries.values(),
    set: (key: string, value: V): void => {
      entries.delete(key)
      entries.set(key, value)
      const [oldest] = entries.keys()
      if (entries.size > capacity && oldest !== undefined) entries.delete(oldest)
    },
    delete: (key: string): void => void entries.delete(key),
    clear: (): void => entries.clear()
  }
}
