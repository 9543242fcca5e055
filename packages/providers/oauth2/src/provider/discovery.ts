import { isTokenkeepError, TokenkeepError, type TokenFetch } from "@tokenkeep/core"
import {
  allowInsecureRequests,
  type AuthorizationServer,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse
} from "oauth4webapi"
import type { OAuth2Settings } from "../options/OAuth2Settings.ts"
import { jsonObject } from "./jsonObject.ts"
import { libraryFetch } from "./libraryFetch.ts"

const documentInvalid = (issuer: URL, what: string) =>
  TokenkeepError.of(
    { _tag: "TokenResponseInvalid" },
    {
      what: `The discovery document of ${issuer.href} ${what}.`,
      fix: "Check issuer: a proxy or captive portal may respond in its place. Or set tokenEndpoint, which needs no discovery."
    }
  )

const unavailable = (issuer: URL, status: number) =>
  TokenkeepError.of(
    { _tag: "IssuerUnavailable" },
    {
      what: `The discovery document of ${issuer.href} could not be fetched: the status is ${status}.`,
      fix: "Try again later. The credential is not the problem."
    }
  )

const insecure = (issuer: URL, { origin }: URL) =>
  TokenkeepError.of(
    { _tag: "InsecureOrigin", origin },
    {
      what: `The discovery document of ${issuer.href} names a token endpoint with plain http, ${origin}.`,
      fix: "Report it to the issuer, or allow plain http with allowInsecureHttp: true."
    }
  )

/** OpenID Connect Discovery first, then RFC 8414: most servers have the former, some only the latter. */
const algorithms = ["oidc", "oauth2"] as const

/** Core's own message for a response that cannot be read is about the token endpoint. */
const documentFetch =
  (issuer: URL, fetch: TokenFetch): TokenFetch =>
  async (input, init) => {
    try {
      return await fetch(input, init)
    } catch (error) {
      const isUnreadable = isTokenkeepError(error) && error.code === "TOKEN_RESPONSE_INVALID"
      throw isUnreadable ? documentInvalid(issuer, "is too large, or its status is unknown") : error
    }
  }

/** The response with the document; `undefined` if the server limits the rate of requests. */
const fetchDocument = async (issuer: URL, fetch: TokenFetch): Promise<Response | undefined> => {
  let status = 0
  let unreadable: Response | undefined
  for (const algorithm of algorithms) {
    const response = await discoveryRequest(issuer, {
      algorithm,
      [customFetch]: libraryFetch(documentFetch(issuer, fetch)),
      // Core's fetch decides which plain http is allowed.
      [allowInsecureRequests]: true
    })
    status = response.status
    if (status === 429) return undefined
    if (status === 200) {
      // Some servers respond to every unknown path with a page.
      if (jsonObject(await response.clone().text()) !== undefined) return response
      unreadable ??= response
    }
    if (status >= 500) throw unavailable(issuer, status)
  }
  if (unreadable !== undefined) return unreadable
  throw documentInvalid(issuer, `was not found: the status is ${status}`)
}

const defectOf = (error: unknown): string => {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined
  if (code === "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED") return "names another issuer"
  return code === "OAUTH_INVALID_RESPONSE" ? "has no issuer, or is not a JSON object" : "is not JSON"
}

const readDocument = async (issuer: URL, response: Response): Promise<AuthorizationServer> => {
  try {
    return await processDiscoveryResponse(issuer, response)
  } catch (error) {
    // Its cause contains the response.
    throw documentInvalid(issuer, error instanceof TypeError ? "has an issuer that is not a URL" : defectOf(error))
  }
}

/** An issuer on https cannot name an endpoint on plain http, not even on this machine. */
const checkedEndpoint = (issuer: URL, endpoint: unknown, allowInsecureHttp: boolean): URL => {
  if (typeof endpoint !== "string" || !URL.canParse(endpoint)) throw documentInvalid(issuer, "has no token_endpoint")
  const url = new URL(endpoint)
  const isPlain = url.protocol === "http:"
  if (isPlain && issuer.protocol === "https:" && !allowInsecureHttp) throw insecure(issuer, url)
  if ((!isPlain && url.protocol !== "https:") || url.username !== "" || url.password !== "" || url.hash !== "") {
    throw documentInvalid(issuer, "has a token_endpoint that is not a plain https URL")
  }
  return url
}

/** Finds the issuer's metadata with its token endpoint; what was found is kept until `forget`. */
const makeDiscovery = (issuer: URL, { allowInsecureHttp }: OAuth2Settings) => {
  let found: AuthorizationServer | undefined
  let limited = false
  return {
    /** `undefined` if the server limits the rate of requests. */
    metadata: async (fetch: TokenFetch): Promise<AuthorizationServer | undefined> => {
      if (found !== undefined) return found
      const response = await fetchDocument(issuer, fetch)
      limited = response === undefined
      if (response === undefined) return undefined
      const server = await readDocument(issuer, response)
      const { href } = checkedEndpoint(issuer, server.token_endpoint, allowInsecureHttp)
      found = { ...server, token_endpoint: href }
      return found
    },
    /** Whether the last response was 429: then the token request ends with that, and asks for nothing more. */
    // Another client of a pool may have found the document meanwhile.
    isLimited: () => limited && found === undefined,
    forget: () => {
      found = undefined
    }
  }
}

/** Where the metadata of the server comes from. */
export type Metadata = ReturnType<typeof makeDiscovery>

/** The metadata of a server whose token endpoint is configured: it needs no request. */
const configured = (settings: OAuth2Settings, endpoint: URL): Metadata => {
  const server = { issuer: settings.issuerName ?? endpoint.href, token_endpoint: endpoint.href }
  return { metadata: () => Promise.resolve(server), isLimited: () => false, forget: () => undefined }
}

export const metadataOf = (settings: OAuth2Settings): Metadata => {
  const { issuer, tokenEndpoint } = settings
  if (tokenEndpoint !== undefined) return configured(settings, tokenEndpoint)
  return makeDiscovery(issuer as URL, settings)
}
