import type { Outcome } from "./proxy/forward.ts"

/** How many requests ended how. */
export type Activity = Readonly<Record<Outcome | "refused", number>>

export const makeActivity = () => {
  const counts = { served: 0, failed: 0, aborted: 0, refused: 0 }
  return { counts: counts as Activity, count: (outcome: keyof Activity): void => void (counts[outcome] += 1) }
}
