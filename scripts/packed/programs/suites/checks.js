// No library of assertions: these run where there is neither a test runner nor Node.

/** Fails unless two values are the same, as JSON shows them. */
export const same = (found, expected, what = "the value") => {
  const [is, should] = [JSON.stringify(found), JSON.stringify(expected)]
  if (is !== should) throw new Error(`${what} is ${is}, not ${should}`)
}

/** The error that a promise rejects with. */
export const rejection = (promise) =>
  promise.then(
    (value) => {
      throw new Error(`it did not reject, but resolved to ${String(value)}`)
    },
    (error) => error
  )

/** Runs one case and returns its outcome as data. */
export const outcomeOf = async (name, check) => {
  try {
    await check()
    return { name }
  } catch (error) {
    return { name, failure: (error instanceof Error && error.stack) || String(error) }
  }
}
