import { isTokenkeepError, type TokenkeepError } from "@tokenkeep/core"

/** The error that a promise rejects with, or that a function throws. */
export const failure = async (promise: Promise<unknown> | (() => unknown)): Promise<TokenkeepError> => {
  const error: unknown = await Promise.resolve()
    .then(() => (typeof promise === "function" ? promise() : promise))
    .then(
      () => undefined,
      (thrown: unknown) => thrown
    )
  if (!isTokenkeepError(error)) throw new Error("It did not fail with a TokenkeepError.", { cause: error })
  return error
}
