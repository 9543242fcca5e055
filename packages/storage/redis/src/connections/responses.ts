/** How long a connection may leave commands without a response, in milliseconds. */
const longestSilence = {
  /** Longer than core waits: a connection may need that long to open. */
  waiting: 5_000,
  /** After a caller stopped waiting. A caller may also stop early, for another reason. */
  abandoned: 250
}

/** Notices that a connection does not respond: a network device may have dropped it silently. */
export const makeResponses = (now: () => number) => {
  let pending = 0
  let lastResponse = now()
  let isAbandoned = false

  const onResponse = (): void => {
    lastResponse = now()
    isAbandoned = false
  }

  return {
    isPending: (): boolean => pending > 0,
    track: async <A>(send: () => Promise<A>): Promise<A> => {
      if (pending === 0) onResponse()
      pending += 1
      try {
        return await send()
      } finally {
        pending -= 1
        onResponse()
      }
    },
    /** A caller stopped waiting for a response. */
    abandoned: (): void => void (isAbandoned = true),
    isSilent: (): boolean =>
      pending > 0 && now() - lastResponse > (isAbandoned ? longestSilence.abandoned : longestSilence.waiting)
  }
}
