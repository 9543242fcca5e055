import type { Provider } from "@tokenkeep/core"
import type { ClientCredential } from "../client/clientCredential.ts"
import type { OAuth2Settings } from "../options/OAuth2Settings.ts"
import { classify } from "./classify.ts"
import { type Metadata, metadataOf } from "./discovery.ts"
import { recordNameOf } from "./recordName.ts"
import { rejectionErrors } from "./rejectionErrors.ts"
import { makeRequestToken } from "./requestToken.ts"

/**
 * Describes an API with OAuth2 to `@tokenkeep/core`.
 *
 * @param metadata The issuer's metadata, which the clients of a pool share.
 */
export const oauth2Provider = (
  settings: OAuth2Settings,
  credential: ClientCredential,
  metadata: Metadata = metadataOf(settings)
): Provider["Service"] => {
  const { allowInsecureHttp, baseUrl, clientId, issuer, tokenEndpoint } = settings
  const recordName = recordNameOf(settings)
  const discover: Provider["Service"]["discoverTokenOrigins"] = async ({ fetch }) => {
    const server = await metadata.metadata(fetch)
    // Without metadata, the token request sends nothing: see `requestToken.ts`.
    return [new URL(server?.token_endpoint ?? String(issuer)).origin]
  }
  return {
    name: "oauth2",
    baseUrl,
    allowInsecureHttp,
    tokenOrigins: [tokenEndpoint ?? issuer].flatMap((url) => (url === undefined ? [] : [url.origin])),
    discoverTokenOrigins: tokenEndpoint === undefined ? discover : undefined,
    get recordName() {
      return recordName()
    },
    credential: credential.terms,
    grant: settings.refreshToken,
    rejectionError: rejectionErrors(clientId),
    requestToken: makeRequestToken(settings, credential, metadata),
    classify
  }
}
