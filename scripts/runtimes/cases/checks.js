// No library of assertions: these have to run where there is neither a runner nor Node.

/** Fails unless two values are the same, as JSON shows them. */
export const same = (found, expected, what = "the value") => {
  const [is, should] = [JSON.stringify(found), JSON.stringify(expected)]
  if (is !== should) throw new Error(`${what} is ${is}, not ${should}`)
}

/** What a promise is rejected with. */
export const rejection = async (promise) => {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error) => ({ error })
  )
  if ("value" in outcome) throw new Error(`it was not rejected, but answered ${String(outcome.value)}`)
  return outcome.error
}

/** Waits for what comes without an event. */
export const until = async (what, holds) => {
  for (let left = 1_000; left > 0; left -= 1) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`waited in vain until ${what}`)
}

/** Runs one case, and tells what came of it as data. */
export const outcomeOf = async (name, check) => {
  const started = Date.now()
  let failure
  try {
    await check()
  } catch (error) {
    failure = (error instanceof Error && error.stack) || String(error)
  }
  return { name, millis: Date.now() - started, ...(failure === undefined ? undefined : { failure }) }
}
