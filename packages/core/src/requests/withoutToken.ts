const withoutToken = new WeakSet<Response>()

/** Remembers a response to a request that had the caller's own `Authorization`, or none. */
export const markWithoutToken = (response: Response): void => {
  withoutToken.add(response)
}

/** Whether the request of this response was sent with our token. For a copy of a response this is unknown: then true. */
export const wasSentWithToken = (response: Response): boolean => !withoutToken.has(response)
