/** What one request has of the memory for replays. */
export interface Share {
  /** Takes this number of bytes more. `false` if that is above a limit: then the share is unchanged. */
  readonly take: (bytes: number) => boolean
  /** Gives all of it back. */
  readonly release: () => void
}

/**
 * Memory for the bodies that are kept for a replay, in bytes: at most `limit` for a request, and `total` for all. A caller
 * that opens many requests must not exhaust the sidecar.
 */
export const makeReplayMemory = (limit: number, total: number): (() => Share) => {
  let used = 0
  return () => {
    let held = 0
    return {
      take: (bytes) => {
        if (held + bytes > limit || used + bytes > total) return false
        held += bytes
        used += bytes
        return true
      },
      release: () => {
        used -= held
        held = 0
      }
    }
  }
}
