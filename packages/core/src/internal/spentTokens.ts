/** How many ids are remembered: a slow storage is behind by a few at most. */
const capacity = 64

/**
 * The ids of tokens that were refused, have ended or were replaced, so that no storage, however slow, brings one back
 * (TOK-4, TOK-9). The oldest are forgotten first.
 */
export const spentTokens = () => {
  const ids = new Set<string>()
  return {
    has: (id: string) => ids.has(id),
    add: (id: string) => {
      ids.add(id)
      const [oldest] = ids
      if (ids.size > capacity && oldest !== undefined) ids.delete(oldest)
    }
  }
}
