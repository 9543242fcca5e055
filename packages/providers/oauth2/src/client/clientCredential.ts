import type { ApiKey, ApiKeySources, CredentialTerms } from "@tokenkeep/core"
import { type AuthorizationServer, type ClientAuth, ClientSecretPost, None, PrivateKeyJwt } from "oauth4webapi"
import { configInvalid } from "../options/configInvalid.ts"
import type { EffectPrivateKeySource, OAuth2Options } from "../options/OAuth2Options.ts"
import type { ClientAuthenticationMethod } from "../options/OAuth2PromiseOptions.ts"
import { privateKeys } from "./privateKeys.ts"

/** The credential of a client: where core reads it, and how it authenticates a token request. */
export interface ClientCredential {
  /** Its name in messages and events. */
  readonly name: string
  readonly terms: CredentialTerms
  readonly sources: ApiKeySources
  /** Whether it signs each request with the time. */
  readonly signs: boolean
  readonly authenticate: (key: ApiKey, server: AuthorizationServer) => ClientAuth
}

type Client = OAuth2Options["client"]

/** What core stores and compares for a client without a credential. It is sent nowhere, and occurs in no other text. */
const noCredential = "none:9d1c7e0b52f84a6e8b3f"

const publicClient: ClientCredential = {
  name: "client",
  terms: { noun: "client", option: "client" },
  sources: noCredential,
  signs: false,
  authenticate: () => None()
}

/** RFC 8414: a server whose metadata names no method supports `client_secret_basic`. */
const needsPost = ({ token_endpoint_auth_methods_supported: methods }: AuthorizationServer): boolean =>
  Array.isArray(methods) && methods.includes("client_secret_post") && !methods.includes("client_secret_basic")

const formEncoded = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1)

/**
 * RFC 6749, 2.3.1: both parts are form-encoded. `ClientSecretBasic` of oauth4webapi also escapes `-`, `_` and `.`, which
 * need no escape: a server that forgets to decode would reject a correct secret.
 */
const clientSecretBasic =
  (secret: string): ClientAuth =>
  (_server, { client_id: id }, _body, headers) =>
    headers.set("authorization", `Basic ${btoa(`${formEncoded(id)}:${formEncoded(secret)}`)}`)

const secretCredential = ({ method, secret }: Client): ClientCredential => ({
  name: "client-secret",
  terms: { noun: "client secret", option: "client.secret" },
  sources: secret ?? (() => undefined),
  signs: false,
  authenticate: (key, server) => {
    const isPost = method === undefined ? needsPost(server) : method === "client_secret_post"
    return isPost ? ClientSecretPost(key.reveal()) : clientSecretBasic(key.reveal())
  }
})

const keyCredential = ({ privateKey }: Client): ClientCredential => {
  const keys = privateKeys()
  const sourceOf = (source: EffectPrivateKeySource | undefined) =>
    source === undefined ? () => undefined : keys.sourceOf(source)
  return {
    name: "private-key",
    terms: { noun: "private key", option: "client.privateKey" },
    // Core refuses a list of another length than one or two.
    sources: [privateKey].flat().map(sourceOf) as unknown as ApiKeySources,
    signs: true,
    authenticate: (fingerprint) => {
      const { key, kid } = keys.keyOf(fingerprint)
      return PrivateKeyJwt(kid === undefined ? key : { key, kid })
    }
  }
}

const methodOf = ({ method, privateKey, secret }: Client): ClientAuthenticationMethod => {
  if (method !== undefined) return method
  if (privateKey === undefined) return "client_secret_basic"
  if (secret === undefined) return "private_key_jwt"
  throw configInvalid("client", "has a secret and a private key", "Choose one with client.method.")
}

/** How the client authenticates; throws `CONFIG_INVALID` if the options do not say it. */
export const clientCredential = (client: Client): ClientCredential => {
  switch (methodOf(client)) {
    case "none":
      return publicClient
    case "private_key_jwt":
      return keyCredential(client)
    case "client_secret_basic":
    case "client_secret_post":
      return secretCredential(client)
    default:
      throw configInvalid(
        "client.method",
        "has an unknown value",
        "Use client_secret_basic, client_secret_post, private_key_jwt or none."
      )
  }
}
