/** @internal Settles as `promise` does, or rejects with the signal's reason as soon as that aborts. */
export const orAborted = async <A>(promise: Promise<A>, signal: AbortSignal): Promise<A> => {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener("abort", stop, { once: true })
  try {
    return await Promise.race([aborted, promise])
  } finally {
    signal.removeEventListener("abort", stop)
  }
}

/** @internal Waits `milliseconds`, or rejects with the signal's reason; an aborted wait leaves no timer behind. */
export const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  if (milliseconds === 0) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  try {
    await orAborted(promise, signal)
  } finally {
    clearTimeout(timer)
  }
}

/** @internal Rejects when the signal aborts, and does nothing before. */
export const untilAborted = (signal: AbortSignal): Promise<never> => orAborted(new Promise<never>(() => {}), signal)
