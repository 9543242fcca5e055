import { checkOptions } from "@tokenkeep/core"
import type { TokenRequestParameters } from "./OAuth2PromiseOptions.ts"
import type { OAuth2Options } from "./OAuth2Options.ts"
import { configInvalid } from "./configInvalid.ts"

/** RFC 6749, appendix A.4. */
const scopes = /^[\u0021\u0023-\u005b\u005d-\u007e]+(?: [\u0021\u0023-\u005b\u005d-\u007e]+)*$/

/** Parameters that identify the client or the grant. */
const reserved = [
  "grant_type",
  "refresh_token",
  "client_id",
  "client_secret",
  "client_assertion",
  "client_assertion_type"
]

/** Throws `CONFIG_INVALID` unless it is a string with at least one character. */
export const checkText = (option: string, value: unknown): string => {
  if (typeof value === "string" && value.trim() !== "") return value
  throw configInvalid(option, "is not a string, or is empty", "Pass the value that the issuer shows.")
}

/** A checked copy of additional parameters of a token request; throws `CONFIG_INVALID`. */
export const checkParameters = (option: string, value: TokenRequestParameters): TokenRequestParameters => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw configInvalid(option, "is not an object", 'Pass names and values, such as { organization: "acme" }.')
  }
  const copy = { ...value }
  for (const [name, text] of Object.entries(copy)) {
    if (typeof text !== "string") throw configInvalid(`${option}.${name}`, "is not a string", "Pass a string.")
    if (reserved.includes(name)) {
      throw configInvalid(`${option}.${name}`, "cannot be set", "Use the options client and grant.")
    }
  }
  return copy
}

/** The options that a grant of this type has, beside its scope. */
const optionsOf = (type: string): ReadonlyArray<string> => {
  if (type === "client_credentials") return []
  return type === "refresh_token" ? ["id", "refreshToken", "grace", "allowVolatile"] : ["id", "parameters"]
}

/** Checks the type and the scope of a grant; throws `CONFIG_INVALID`. */
export const checkGrant = (grant: OAuth2Options["grant"]): void => {
  if (typeof grant !== "object" || grant === null) {
    throw configInvalid("grant", "is not an object", 'Pass { type: "client_credentials" }.')
  }
  const type: string = checkText("grant.type", grant.type)
  if (type === "authorization_code") {
    throw configInvalid(
      "grant.type",
      'is "authorization_code", whose code can be used once only',
      'Use "client_credentials" or the URI of another grant.'
    )
  }
  if (type !== "client_credentials" && type !== "refresh_token" && !type.includes(":")) {
    const fix = 'Use "client_credentials", "refresh_token" or the URI of another grant.'
    throw configInvalid("grant.type", "is unknown", fix)
  }
  checkOptions(grant, {}, "grant", ["type", "scope", ...optionsOf(type)])
  const { scope } = grant
  if (scope !== undefined && !(typeof scope === "string" && scopes.test(scope))) {
    throw configInvalid("grant.scope", "is not a string of scopes", "Separate the scopes with one space each.")
  }
  if ("id" in grant && grant.id !== undefined) checkText("grant.id", grant.id)
}

/** The resources as a list; throws `CONFIG_INVALID` for anything but absolute URIs without a fragment (RFC 8707). */
export const checkResources = (resource: string | ReadonlyArray<string> | undefined): ReadonlyArray<string> => {
  const resources: ReadonlyArray<string> =
    resource === undefined ? [] : Array.isArray(resource) ? [...resource] : [resource]
  for (const uri of resources) {
    if (typeof uri !== "string" || !URL.canParse(uri) || uri.includes("#")) {
      throw configInvalid(
        "resource",
        "is not an absolute URI",
        "Pass a URI without a fragment, or several as an array."
      )
    }
  }
  return resources
}
