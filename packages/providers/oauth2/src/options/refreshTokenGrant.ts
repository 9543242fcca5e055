import { checkOptions, ofType, positiveMillis, type ProviderGrant } from "@tokenkeep/core"
import { configInvalid } from "./configInvalid.ts"
import type { OAuth2Options } from "./OAuth2Options.ts"

const checks = { grace: positiveMillis(undefined), allowVolatile: ofType("boolean") }

/** The refresh token of the options, checked; `undefined` for another grant. */
export const refreshTokenGrant = ({ grant }: OAuth2Options): ProviderGrant | undefined => {
  if (grant.type !== "refresh_token") return undefined
  const { allowVolatile, grace, id, refreshToken } = grant
  if (typeof id !== "string" || id.trim() === "") {
    throw configInvalid(
      "grant.id",
      "is not a string, or is empty",
      "Choose a name for the consent, such as the customer's."
    )
  }
  const millis = checkOptions({ grace: grace === 0 ? undefined : grace, allowVolatile }, checks, "grant").grace
  return { id, refreshToken, grace: millis, allowVolatile }
}
