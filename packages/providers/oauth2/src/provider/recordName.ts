import type { RecordNameParts } from "@tokenkeep/core"
import type { OAuth2Settings } from "../options/OAuth2Settings.ts"

const sorted = (parameters: Readonly<Record<string, string>> = {}) =>
  Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1))

/** The grant's parameters, if they are known. What a function returns is known only by the grant's id. */
const grantOf = ({ grantId, grantParameters }: OAuth2Settings): unknown => {
  if (typeof grantParameters !== "function") return [grantId, sorted(grantParameters)]
  return grantId ?? crypto.randomUUID()
}

/**
 * The parts of the record's name: everything that the token depends on, so that two customers never share a token. It is
 * read when a token is needed first: in some workers there are no random numbers before a request.
 */
export const recordNameOf = (settings: OAuth2Settings): (() => RecordNameParts) => {
  const { audience, clientId, grantType, issuer, parameters, resources, scope, tokenEndpoint } = settings
  let details: string | undefined
  if (settings.refreshToken !== undefined) {
    // Core adds the grant's id. What else may change must not hide the refresh token.
    const parts = { issuer: (issuer ?? tokenEndpoint)?.href, client: clientId, scope, audience }
    return () => ({ ...parts, details: JSON.stringify(resources.toSorted()) })
  }
  return () => ({
    issuer: (issuer ?? tokenEndpoint)?.href,
    client: clientId,
    scope,
    audience,
    details: (details ??= JSON.stringify([
      grantType,
      grantOf(settings),
      resources.toSorted(),
      sorted(parameters),
      // One issuer may have an endpoint for each tenant.
      tokenEndpoint?.href
    ]))
  })
}
