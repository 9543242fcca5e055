import { checkOptions, ofType, positiveMillis, type ProviderGrant } from "@tokenkeep/core"
import { checkText } from "./checkRequest.ts"
import type { OAuth2Options } from "./OAuth2Options.ts"

const checks = { grace: positiveMillis(undefined), allowVolatile: ofType("boolean") }

/** The refresh token of the options, checked; `undefined` for another grant. */
export const refreshTokenGrant = ({ grant }: OAuth2Options): ProviderGrant | undefined => {
  if (grant.type !== "refresh_token") return undefined
  const { allowVolatile, grace, id, refreshToken } = grant
  const millis = checkOptions({ grace, allowVolatile }, checks, "grant").grace
  return { id: checkText("grant.id", id), refreshToken, grace: millis, allowVolatile }
}
