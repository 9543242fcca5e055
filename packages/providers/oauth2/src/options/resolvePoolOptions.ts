import { checkOptions, type PoolConnection, type PoolOptions, tokenKeepChecks } from "@tokenkeep/core"
import { type ClientCredential, clientCredential } from "../client/clientCredential.ts"
import { defaultFallback } from "../defaultAdapters.ts"
import { type Metadata, metadataOf } from "../provider/discovery.ts"
import { oauth2Provider } from "../provider/oauth2Provider.ts"
import { configInvalid } from "./configInvalid.ts"
import type { OAuth2Options } from "./OAuth2Options.ts"
import type { OAuth2PoolOptions } from "./OAuth2PoolOptions.ts"
import { oauth2Settings } from "./OAuth2Settings.ts"
import { ownOptions } from "./resolveOptions.ts"

type Name = keyof OAuth2PoolOptions

const isById = (value: unknown): value is (id: string) => unknown => typeof value === "function"

/** An option for one id. */
const valueFor = (name: Name, value: unknown, id: string): unknown => {
  if (!isById(value)) return value
  const found = value(id)
  if (typeof (found as { readonly then?: unknown } | undefined)?.then !== "function") return found
  throw configInvalid(name, "returns a promise", "Return it at once: a secret, a refresh token or parameters may wait.")
}

/** The grant has the id of its client: with another one, two clients could share a refresh token. */
const withId = (grant: OAuth2PoolOptions["grant"], id: string): OAuth2Options["grant"] => {
  if (typeof grant !== "object" || grant === null || grant.type === "client_credentials") {
    return grant as OAuth2Options["grant"]
  }
  const { id: given = id } = grant as { readonly id?: string }
  if (given === id) return { ...grant, id }
  throw configInvalid("grant.id", "is not the id of the client", "Leave it out: the grant has the client's id.")
}

const optionsFor = (options: OAuth2PoolOptions, id: string): OAuth2Options => {
  const values = ownOptions.map((name) => [name, valueFor(name as Name, options[name as Name], id)])
  const own = Object.fromEntries(values) as Pick<OAuth2Options, "baseUrl" | "client" | "grant">
  return { ...own, grant: withId(own.grant, id), fallbackStorage: options.fallbackStorage }
}

/** What the clients of a pool share: it is made for the first of them. */
const sharedParts = ({ client, issuer, tokenEndpoint }: OAuth2PoolOptions) => {
  let credential: ClientCredential | undefined
  let metadata: Metadata | undefined
  return {
    credentialOf: (own: OAuth2Options["client"]) =>
      isById(client) ? clientCredential(own) : (credential ??= clientCredential(own)),
    metadataFor: (settings: Parameters<typeof metadataOf>[0]) =>
      isById(issuer) || isById(tokenEndpoint) ? metadataOf(settings) : (metadata ??= metadataOf(settings))
  }
}

/**
 * Checks the options of a pool and fills in the defaults; throws `CONFIG_INVALID`. Those of one id are checked when its
 * client is opened.
 *
 * @param adapters The names of the options that are adapters.
 */
export const resolvePoolOptions = (options: OAuth2PoolOptions, ...adapters: ReadonlyArray<string>): PoolOptions => {
  // A caller in JavaScript may pass nothing.
  checkOptions(options ?? null, tokenKeepChecks, "", [...ownOptions, "keyName", "maxOpen", ...adapters])
  if (!ownOptions.some((name) => isById(options[name as Name]))) {
    throw configInvalid("grant", "is not a function, and no other option is", "Pass a function of the id as grant.")
  }
  const { credentialOf, metadataFor } = sharedParts(options)
  const connection = (id: string): PoolConnection => {
    const own = optionsFor(options, id)
    const settings = oauth2Settings(own)
    if (settings.refreshToken !== undefined && options.fallbackStorage !== undefined) {
      throw configInvalid("fallbackStorage", "cannot be used with a refresh token", "Leave it out.")
    }
    const credential = credentialOf(own.client)
    return {
      provider: oauth2Provider(settings, credential, metadataFor(settings)),
      apiKey: credential.sources,
      keyName: options.keyName
    }
  }
  // By name: those of a class instance may be getters or inherited.
  const names = [...Object.keys(tokenKeepChecks), "maxOpen", ...adapters] as ReadonlyArray<Name>
  const given = names.filter((name) => options[name] !== undefined)
  const rest = Object.fromEntries(given.map((name) => [name, options[name]]))
  return { fallbackStorage: defaultFallback, ...rest, connection }
}
