import type { AccessToken, TokenEvent, TokenKeep } from "@tokenkeep/core"

/** Observes whether a client requested a token itself; otherwise its token is from the storage. */
export const observeIssue = () => {
  let isIssued = false
  return {
    onTokenEvent: ({ type }: TokenEvent): void => {
      isIssued ||= type === "issued"
    },
    isIssued: (): boolean => isIssued
  }
}

/** Requests a token even if the storage has a good one, to see whether the server issues one. All clients may adopt it. */
export const newToken = async (keep: TokenKeep, isIssued: () => boolean, signal: AbortSignal): Promise<AccessToken> => {
  const token = await keep.token({ signal })
  if (isIssued()) return token
  await keep.reject(token)
  return keep.token({ signal })
}
