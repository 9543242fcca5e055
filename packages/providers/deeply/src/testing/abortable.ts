/** @internal Settles with `promise`, or rejects with the signal's reason as soon as the signal aborts. */
export const abortable = async <A>(promise: Promise<A>, signal: AbortSignal): Promise<A> => {
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

/** @internal Waits `milliseconds`, or rejects with the signal's reason; an abort also clears the timer. */
export const sleep = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  if (milliseconds === 0) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  try {
    await abortable(promise, signal)
  } finally {
    clearTimeout(timer)
  }
}

/** @internal Stays pending until the signal aborts, then rejects with its reason. */
export const untilAborted = (signal: AbortSignal): Promise<never> => abortable(new Promise<never>(() => {}), signal)
