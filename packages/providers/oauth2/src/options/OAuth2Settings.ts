import { checkOptions } from "@tokenkeep/core"
import { checkEndpoint, checkUrl } from "./checkUrl.ts"
import { checkGrant, checkParameters, checkResources, checkText } from "./checkRequest.ts"
import { configInvalid } from "./configInvalid.ts"
import { refreshTokenGrant } from "./refreshTokenGrant.ts"
import type { OAuth2Options } from "./OAuth2Options.ts"

/** What the provider needs of the options, checked. */
export type OAuth2Settings = ReturnType<typeof oauth2Settings>

const checkIssuer = (issuer: string | URL, allowInsecureHttp: boolean): URL => {
  const url = checkUrl("issuer", issuer, allowInsecureHttp)
  if (!url.pathname.includes("/.well-known/")) return url
  throw configInvalid(
    "issuer",
    "is the URL of its metadata",
    "Pass the issuer itself: leave out /.well-known/ and the rest."
  )
}

/** Checks the options; throws `CONFIG_INVALID` or `INSECURE_ORIGIN` with the name of the one that is wrong. */
export const oauth2Settings = (options: OAuth2Options) => {
  const { allowInsecureHttp = false, audience, client, grant, issuer, parameters = {}, tokenEndpoint } = options
  if (issuer === undefined && tokenEndpoint === undefined) {
    throw configInvalid("issuer", "is missing, and so is tokenEndpoint", "Pass one of them.")
  }
  if (typeof client !== "object" || client === null) {
    throw configInvalid("client", "is not an object", "Pass { id, secret }.")
  }
  checkOptions(client, {}, "client", ["id", "secret", "privateKey", "method"])
  checkGrant(grant)
  const ownParameters = "parameters" in grant ? grant.parameters : undefined
  return {
    baseUrl: checkUrl("baseUrl", options.baseUrl, allowInsecureHttp).href,
    /** As it was written: servers compare it as a string. */
    issuerName: issuer === undefined ? undefined : String(issuer),
    issuer: issuer === undefined ? undefined : checkIssuer(issuer, allowInsecureHttp),
    tokenEndpoint:
      tokenEndpoint === undefined ? undefined : checkEndpoint("tokenEndpoint", tokenEndpoint, allowInsecureHttp),
    clientId: checkText("client.id", client.id),
    grantType: grant.type,
    refreshToken: refreshTokenGrant(options),
    scope: grant.scope,
    grantId: "id" in grant ? grant.id : undefined,
    grantParameters:
      ownParameters === undefined || typeof ownParameters === "function"
        ? ownParameters
        : checkParameters("grant.parameters", ownParameters),
    resources: checkResources(options.resource),
    audience: audience === undefined ? undefined : checkText("audience", audience),
    parameters: checkParameters("parameters", parameters),
    allowInsecureHttp
  }
}
