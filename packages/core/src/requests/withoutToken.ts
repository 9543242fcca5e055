const withoutToken = new WeakSet<Response>()

/** Remembers a response to a request that had the caller's own `Authorization`, or none. */
export const markWithoutToken = (response: Response): void => {
  withoutToken.add(response)
}

/** Whether our token was sent for this response, as far as is known: copies of a response are not. */
export const hadToken = (response: Response): boolean => !withoutToken.has(response)
