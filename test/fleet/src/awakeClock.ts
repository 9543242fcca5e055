/** If the process did not run for this long, it was frozen. Shorter gaps are the load of the machine. */
const longestGap = 500

/** A clock, in milliseconds, that stands still while the process is frozen by SIGSTOP. */
export const awakeClock = (): (() => number) => {
  let frozen = 0
  let last = performance.now()
  const read = (): number => {
    const now = performance.now()
    if (now - last > longestGap) frozen += now - last
    last = now
    return now - frozen
  }
  setInterval(read, 50).unref()
  return read
}
