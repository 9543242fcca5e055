type Promises = ReadonlyArray<readonly [kept: boolean, promise: string]>

/** Prints which promises were kept. If one was broken, the process exits with 1. */
export const reportPromises = (promises: Promises): void => {
  console.log()
  for (const [kept, promise] of promises) console.log(`${kept ? "kept  " : "BROKEN"} ${promise}`)
  if (promises.some(([kept]) => !kept)) process.exitCode = 1
}
