import { newToken, observeIssue } from "../clients/newToken.ts"
import { openClient } from "../clients/openClient.ts"
import type { Profile } from "../profiles/Profile.ts"
import { refreshGrantOf } from "../profiles/refreshGrantOf.ts"
import { ok, type Verdict } from "./Finding.ts"
import { verdictOn } from "./secret.ts"

/** Requests a new token. A refresh token is used only if a token is needed: each use replaces it. */
export const checkAccepted = async (profile: Profile, signal: AbortSignal): Promise<Verdict> => {
  const { isIssued, onTokenEvent } = observeIssue()
  try {
    await using keep = await openClient(profile, { onTokenEvent })
    if (refreshGrantOf(profile) === undefined) {
      return ok(`the token endpoint issued the token ${(await newToken(keep, isIssued, signal)).id}`)
    }
    const { id } = await keep.token({ signal })
    const what = isIssued() ? `the token endpoint issued the token ${id}` : "the stored access token is good"
    return ok(`${what}, and the grant is ${keep.status().grant?.state ?? "unknown"}`)
  } catch (error) {
    signal.throwIfAborted()
    return verdictOn(error)
  }
}
