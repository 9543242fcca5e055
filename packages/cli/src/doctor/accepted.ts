import type { TokenEvent } from "@tokenkeep/core"
import { openClient } from "../clients/openClient.ts"
import type { Profile } from "../profiles/Profile.ts"
import { refreshGrantOf } from "../profiles/refreshGrantOf.ts"
import { ok, type Verdict } from "./Finding.ts"
import { verdictOn } from "./secret.ts"

/**
 * Requests a new token, which the other processes may use too. A refresh token is used only if a token is needed: each use
 * replaces it.
 */
export const checkAccepted = async (profile: Profile, signal: AbortSignal): Promise<Verdict> => {
  let isIssued = false
  const onTokenEvent = ({ type }: TokenEvent) => {
    isIssued ||= type === "issued"
  }
  try {
    await using keep = await openClient(profile, { onTokenEvent })
    const token = await keep.token({ signal })
    if (!isIssued && refreshGrantOf(profile) !== undefined) {
      return ok(`the stored access token is good, and the grant is ${keep.status().grant?.state ?? "unknown"}`)
    }
    if (!isIssued) await keep.reject(token)
    const { id } = await keep.token({ signal })
    return ok(`the token endpoint issued the token ${id}`)
  } catch (error) {
    signal.throwIfAborted()
    return verdictOn(error)
  }
}
