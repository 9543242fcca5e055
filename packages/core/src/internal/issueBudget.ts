/**
 * A token bucket for issue calls (TOK-8): `burst` at once, then `perSecond`. Time is the monotonic clock's, in
 * milliseconds, so that no jump of the wall clock opens it.
 */
export const issueBudget = (settings: { readonly burst: number; readonly perSecond: number }) => {
  let left = settings.burst
  let at: number | undefined
  return {
    /** Takes one; answers how long until there is one, in milliseconds: 0 when it was taken. */
    take: (now: number): number => {
      const passed = at === undefined ? 0 : Math.max(0, now - at)
      at = now
      left = Math.min(settings.burst, left + (passed / 1_000) * settings.perSecond)
      // A millisecond's rounding must not cost a call.
      if (left >= 1 - 1e-9) {
        left -= 1
        return 0
      }
      return Math.ceil(((1 - left) / settings.perSecond) * 1_000)
    }
  }
}
