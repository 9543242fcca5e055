import type { TokenVerdict } from "@tokenkeep/core"
import {
  type AuthorizationServer,
  type Client,
  processGenericTokenEndpointResponse,
  type TokenEndpointResponse
} from "oauth4webapi"
import { type JsonObject, jsonObject } from "./jsonObject.ts"

/** The errors that reject the client or what it requests. The same request would get the same response. */
const rejections = [
  "invalid_client",
  "unauthorized_client",
  "access_denied",
  "invalid_scope",
  "invalid_target",
  "invalid_resource"
]

const temporary = ["temporarily_unavailable", "server_error"]

/** The other registered errors, which a message may name. Any other code may repeat a secret that was sent. */
const nameable = [
  "invalid_request",
  "invalid_grant",
  "unsupported_grant_type",
  "unsupported_token_type",
  "unsupported_response_type",
  "interaction_required",
  "login_required",
  "consent_required",
  "authorization_pending",
  "slow_down",
  "expired_token",
  "invalid_dpop_proof",
  "use_dpop_nonce",
  "insufficient_user_authentication",
  "invalid_authorization_details"
]

const requestFix =
  "Check grant, resource, audience and parameters against the issuer's documentation, and the client's settings there."

const errorVerdict = (error: string, status: number, sentGrant: boolean): TokenVerdict => {
  if (error === "invalid_grant" && sentGrant) return { _tag: "GrantRejected" }
  if (rejections.includes(error)) return { _tag: "KeyRejected", documented: true, reason: error }
  if (temporary.includes(error)) return { _tag: "Unavailable" }
  if (status === 401 || status === 403) return { _tag: "KeyRejected" }
  const which = nameable.includes(error) ? `the error ${error}` : "another error"
  return { _tag: "Invalid", detail: `the response is ${which}, with status ${status}`, fix: requestFix }
}

/** The library's messages name the field, and quote nothing. */
const defectOf = (error: unknown): string => {
  const [, field] = /"(access_token|token_type|expires_in|refresh_token|scope)" property/.exec(String(error)) ?? []
  return field === undefined
    ? "JSON with a token_type other than bearer"
    : `JSON whose ${field} is missing or malformed`
}

/** The library reads a response of its own, without the parts that this client does not use, and without nulls. */
const validated = (server: AuthorizationServer, client: Client, fields: JsonObject) => {
  const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
  return processGenericTokenEndpointResponse(server, client, Response.json({ ...present, id_token: undefined }))
}

const issued = ({
  access_token: token,
  expires_in: seconds,
  token_type: type
}: TokenEndpointResponse): TokenVerdict => {
  if (type !== "bearer") return { _tag: "Invalid", detail: defectOf(undefined) }
  return seconds === undefined ? { _tag: "Issued", token } : { _tag: "Issued", token, lifetime: seconds * 1_000 }
}

/** Not in a standard: two spellings are common. */
const refreshTokenLifetime = (fields: JsonObject): number | undefined => {
  const seconds = fields["refresh_token_expires_in"] ?? fields["refresh_expires_in"]
  return typeof seconds === "number" && seconds > 0 ? seconds * 1_000 : undefined
}

/** The next refresh token counts even if the rest of the response is not valid: the server knows no other. */
const withRefreshToken = (verdict: TokenVerdict, fields: JsonObject): TokenVerdict => {
  const { refresh_token: refreshToken } = fields
  if (typeof refreshToken !== "string" || refreshToken === "") return verdict
  if (verdict._tag === "Invalid") return { ...verdict, refreshToken }
  if (verdict._tag !== "Issued") return verdict
  const lifetime = refreshTokenLifetime(fields)
  return { ...verdict, refreshToken, ...(lifetime !== undefined && { refreshTokenLifetime: lifetime }) }
}

/**
 * The verdict on a response of the token endpoint. The error in the body counts, whatever the headers say.
 *
 * @param sentGrant Whether the request contained a refresh token, which `invalid_grant` is about then.
 */
export const readTokenResponse = async (
  { status, text }: { readonly status: number; readonly text: string },
  server: AuthorizationServer,
  client: Client,
  sentGrant = false
): Promise<TokenVerdict> => {
  if (status === 429) return { _tag: "RateLimited" }
  if (status >= 500) return { _tag: "Unavailable" }
  const fields = jsonObject(text)
  const { error } = fields ?? {}
  if (typeof error === "string" && error !== "") return errorVerdict(error, status, sentGrant)
  if (status === 401 || status === 403) return { _tag: "KeyRejected" }
  // A server that responds with 201, for example, has issued a refresh token as well.
  const isSuccess = status >= 200 && status < 300
  if (status !== 200) {
    return withRefreshToken({ _tag: "Invalid", detail: `status ${status}` }, (isSuccess && fields) || {})
  }
  if (fields === undefined) return { _tag: "Invalid", detail: "a body that is not a JSON object" }
  try {
    return withRefreshToken(issued(await validated(server, client, fields)), fields)
  } catch (invalid) {
    // Its cause contains the response.
    return withRefreshToken({ _tag: "Invalid", detail: defectOf(invalid) }, fields)
  }
}
