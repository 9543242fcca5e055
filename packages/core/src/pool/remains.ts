import type { ClientMemory } from "../lifecycle/ClientMemory.ts"
import { initial } from "../lifecycle/tokenState.ts"
import type { Settings } from "../TokenKeepLayer.ts"

/** What a closed client leaves, and until when it counts, in monotonic milliseconds. */
export interface Remains {
  readonly memory: Partial<ClientMemory>
  readonly until: number
}

/** How long what was learned from rejections of tokens is kept, in milliseconds. */
const longest = 3_600_000

/** The part of a client's memory that the storage does not have, as small as possible; `undefined` if there is none. */
export const remainsOf = (
  { bucket, forgottenAt, learned, rejections, state }: ClientMemory,
  { manager: { tokenRequest } }: Settings,
  now: number
): Remains | undefined => {
  const { burst, cooldown, perSecond } = tokenRequest
  for (const [name, { until }] of rejections) {
    // After its end, a rejection makes the next cool-down longer for a while.
    if (until + cooldown.max <= now) rejections.delete(name)
  }
  const isLearned = [...learned.values()].some(({ last }) => last !== undefined)
  // A slow storage may still have the rejected token (TOK-4).
  const isRejected = state.current === undefined && state.without === "rejected"
  const until = Math.max(
    ...Array.from(rejections.values(), (rejection) => rejection.until + cooldown.max),
    bucket === undefined ? -Infinity : bucket.at + ((burst - bucket.left) / perSecond) * 1_000,
    forgottenAt + cooldown.max,
    isLearned || isRejected ? now + longest : -Infinity
  )
  if (until <= now) return undefined
  const kept: Partial<ClientMemory> = {
    bucket,
    forgottenAt,
    ...(rejections.size > 0 && { rejections }),
    ...(isLearned && { learned }),
    ...(isRejected && { state: { ...initial, without: "rejected", retired: state.retired.slice(-1) } })
  }
  return { memory: kept, until }
}
