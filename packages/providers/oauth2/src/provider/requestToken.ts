import { type ApiKey, isTokenkeepError, TokenkeepError, type TokenFetch, type TokenVerdict } from "@tokenkeep/core"
import {
  allowInsecureRequests,
  type AuthorizationServer,
  clockSkew,
  customFetch,
  genericTokenEndpointRequest
} from "oauth4webapi"
import type { ClientCredential } from "../client/clientCredential.ts"
import { checkParameters } from "../options/checkRequest.ts"
import type { TokenRequestParameters } from "../options/OAuth2PromiseOptions.ts"
import type { OAuth2Settings } from "../options/OAuth2Settings.ts"
import { newSkew } from "./clockSkew.ts"
import type { Metadata } from "./discovery.ts"
import { libraryFetch } from "./libraryFetch.ts"
import { readTokenResponse } from "./readTokenResponse.ts"

/** What core passes to a token request. */
interface Context {
  readonly fetch: TokenFetch
  readonly refreshToken?: string | undefined
}

const readGrantParameters = async ({ grantParameters }: OAuth2Settings): Promise<TokenRequestParameters> => {
  if (typeof grantParameters !== "function") return grantParameters ?? {}
  let parameters: TokenRequestParameters
  try {
    parameters = await grantParameters()
  } catch (error) {
    if (isTokenkeepError(error)) throw error
    // Its own error may quote a secret.
    throw TokenkeepError.of(
      { _tag: "CredentialSourceFailed" },
      { what: "The function grant.parameters threw an error.", fix: "Call it yourself to see the error." }
    )
  }
  return checkParameters("grant.parameters", parameters)
}

const requestParameters = async (settings: OAuth2Settings, refreshToken?: string): Promise<URLSearchParams> => {
  const { audience, parameters, resources, scope } = settings
  const all = new URLSearchParams(resources.map((resource) => ["resource", resource]))
  if (scope !== undefined) all.set("scope", scope)
  if (audience !== undefined) all.set("audience", audience)
  for (const [name, value] of Object.entries({ ...parameters, ...(await readGrantParameters(settings)) })) {
    all.set(name, value)
  }
  if (refreshToken !== undefined) all.set("refresh_token", refreshToken)
  return all
}

/** Requests a token; oauth4webapi builds the request and validates the response. */
export const makeRequestToken = (
  settings: OAuth2Settings,
  { authenticate, signs }: ClientCredential,
  { forget, isLimited, metadata }: Metadata
) => {
  /** How far the server's clock is ahead, in seconds: assertions are signed with its time. */
  let skew = 0

  const send = async (key: ApiKey, server: AuthorizationServer, { fetch, refreshToken }: Context) => {
    const client = { client_id: settings.clientId, [clockSkew]: skew }
    const parameters = await requestParameters(settings, refreshToken)
    const response = await genericTokenEndpointRequest(
      server,
      client,
      authenticate(key, server),
      settings.grantType,
      parameters,
      // Core's fetch decides which plain http is allowed.
      { [customFetch]: libraryFetch(fetch), [allowInsecureRequests]: true }
    )
    const { headers, status } = response
    const sentGrant = refreshToken !== undefined
    return {
      headers,
      verdict: await readTokenResponse({ status, text: await response.text() }, server, client, sentGrant)
    }
  }

  /** A rejected assertion is signed once more if the server's clock shows that ours is wrong. */
  const sendWithItsTime = async (key: ApiKey, server: AuthorizationServer, context: Context): Promise<TokenVerdict> => {
    const { headers, verdict } = await send(key, server, context)
    const corrected = signs && verdict._tag === "KeyRejected" ? newSkew(headers, skew) : undefined
    if (corrected === undefined) return verdict
    skew = corrected
    return (await send(key, server, context)).verdict
  }

  return async (key: ApiKey, context: Context): Promise<TokenVerdict> => {
    // Core reads when to try again from the response that discovery got.
    const server = isLimited() ? undefined : await metadata(context.fetch)
    if (server === undefined) return { _tag: "RateLimited" }
    try {
      const verdict = await sendWithItsTime(key, server, context)
      // The endpoint may have moved.
      if (verdict._tag === "Invalid") forget()
      return verdict
    } catch (error) {
      forget()
      throw error
    }
  }
}
