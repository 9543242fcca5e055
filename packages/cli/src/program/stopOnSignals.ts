import { exitCodes } from "../output/exitCodes.ts"

/**
 * Listens for the signals that end the command, and returns the signal that then aborts. The first Ctrl-C lets the command
 * release what it holds; the second ends it at once.
 */
export const stopOnSignals = (): AbortSignal => {
  const stop = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(exitCodes.interrupted)
      stop.abort()
    })
  }
  // A terminal that closes may send it twice, from the shell and from the system, so the second one is no second request.
  process.on("SIGHUP", () => stop.abort())
  return stop.signal
}
