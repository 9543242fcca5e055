// @tokenkeep/oauth2

import { ApiKeySource, AuthorizedClient, AuthorizedClientOptions, CreateTokenKeepOptions, CreateTokenKeepPoolOptions, EffectPool, TokenEvent, TokenKeep, TokenKeepOptions, TokenManager, TokenManagerOptionsOf, TokenPool, TokenPool as TokenPool$1, TokenStorage, TokenkeepError, TokenkeepError as TokenkeepError$1, Transport, isTokenkeepError } from "@tokenkeep/core";
import * as Duration$1 from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Context from "effect/Context";
import * as Layer from "effect/Layer";
interface PrivateJwk {
  readonly kty?: string | undefined;
  readonly kid?: string | undefined;
  readonly alg?: string | undefined;
  readonly use?: string | undefined;
  readonly key_ops?: ReadonlyArray<string> | undefined;
  readonly ext?: boolean | undefined;
  readonly crv?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly d?: string | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
  readonly p?: string | undefined;
  readonly q?: string | undefined;
  readonly dp?: string | undefined;
  readonly dq?: string | undefined;
  readonly qi?: string | undefined;
}
interface SigningKey {
  readonly type: string;
  readonly extractable: boolean;
  readonly algorithm: {
    readonly name: string;
  };
  readonly usages: ReadonlyArray<string>;
}
type PrivateKey = PrivateJwk | SigningKey | string | {
  readonly key: PrivateJwk | SigningKey | string;
  readonly kid: string;
};
type Duration = number | `${number} ${"milli" | "second" | "minute" | "hour" | "day" | "week"}${"" | "s"}`;
type ClientSecretSource = string | (() => string | undefined | Promise<string | undefined>);
type PrivateKeySource = PrivateKey | (() => PrivateKey | undefined | Promise<PrivateKey | undefined>);
type ClientAuthenticationMethod = "client_secret_basic" | "client_secret_post" | "private_key_jwt" | "none";
interface OAuth2ClientOf<Secret, Key> {
  readonly id: string;
  readonly secret?: Secret | readonly [Secret, Secret] | undefined;
  readonly privateKey?: Key | readonly [Key, Key] | undefined;
  readonly method?: ClientAuthenticationMethod | undefined;
}
type TokenRequestParameters = Readonly<Record<string, string>>;
type OAuth2GrantOf<Time, Secret> = {
  readonly type: "client_credentials";
  readonly scope?: string | undefined;
} | {
  readonly type: "refresh_token";
  readonly id: string;
  readonly refreshToken?: Secret | undefined;
  readonly scope?: string | undefined;
  readonly grace?: Time | undefined;
  readonly allowVolatile?: boolean | undefined;
} | {
  readonly type: `${string}:${string}`;
  readonly scope?: string | undefined;
  readonly id?: string | undefined;
  readonly parameters?: TokenRequestParameters | (() => TokenRequestParameters | Promise<TokenRequestParameters>) | undefined;
};
type OAuth2Grant = OAuth2GrantOf<Duration, ClientSecretSource>;
interface OAuth2OptionsOf<Time, Secret, Key> extends TokenManagerOptionsOf<Time>, AuthorizedClientOptions {
  readonly baseUrl: string | URL;
  readonly issuer?: string | URL | undefined;
  readonly tokenEndpoint?: string | URL | undefined;
  readonly client: OAuth2ClientOf<Secret, Key>;
  readonly grant: OAuth2GrantOf<Time, Secret>;
  readonly resource?: string | ReadonlyArray<string> | undefined;
  readonly audience?: string | undefined;
  readonly parameters?: TokenRequestParameters | undefined;
  readonly allowInsecureHttp?: boolean | undefined;
  readonly keyName?: string | undefined;
}
interface OAuth2PromiseOptions extends OAuth2OptionsOf<Duration, ClientSecretSource, PrivateKeySource> {}
type EffectPrivateKeySource = PrivateKeySource | Effect.Effect<PrivateKey | undefined, unknown>;
interface OAuth2Options extends OAuth2OptionsOf<Duration$1.Input, ApiKeySource, EffectPrivateKeySource>, Pick<TokenKeepOptions, "fallbackStorage"> {}
interface CreateOAuth2Options extends OAuth2Options {
  readonly transport?: CreateTokenKeepOptions["transport"] | undefined;
  readonly storage?: CreateTokenKeepOptions["storage"] | undefined;
  readonly telemetry?: CreateTokenKeepOptions["telemetry"];
}
interface OAuth2Client extends TokenKeep {
  readonly replaceGrant: (refreshToken: string) => Promise<void>;
}
export declare const createOAuth2: (options: CreateOAuth2Options) => OAuth2Client;
type ById<Value> = Value | ((id: string) => Value);
type WithoutId<Grant> = Grant extends {
  readonly id?: unknown;
} ? Omit<Grant, "id"> & {
  readonly id?: string | undefined;
} : Grant;
type PoolGrantOf<Time, Secret> = WithoutId<OAuth2GrantOf<Time, Secret>>;
type OAuth2PoolGrant = PoolGrantOf<Duration, ClientSecretSource>;
type Options<Time, Secret, Key> = OAuth2OptionsOf<Time, Secret, Key>;
interface OAuth2PoolOptionsOf<Time, Secret, Key> extends Omit<Options<Time, Secret, Key>, "baseUrl" | "issuer" | "tokenEndpoint" | "client" | "grant" | "resource" | "audience" | "parameters" | "onTokenEvent"> {
  readonly baseUrl: ById<string | URL>;
  readonly issuer?: ById<string | URL | undefined>;
  readonly tokenEndpoint?: ById<string | URL | undefined>;
  readonly client: ById<Options<Time, Secret, Key>["client"]>;
  readonly grant: ById<PoolGrantOf<Time, Secret>>;
  readonly resource?: ById<Options<Time, Secret, Key>["resource"]>;
  readonly audience?: ById<string | undefined>;
  readonly parameters?: ById<Options<Time, Secret, Key>["parameters"]>;
  readonly maxOpen?: number | undefined;
  readonly onTokenEvent?: ((event: TokenEvent, id: string) => void) | undefined;
}
interface OAuth2PoolPromiseOptions extends OAuth2PoolOptionsOf<Duration, ClientSecretSource, PrivateKeySource> {}
interface OAuth2PoolOptions extends OAuth2PoolOptionsOf<Duration$1.Input, ApiKeySource, EffectPrivateKeySource>, Pick<OAuth2Options, "fallbackStorage"> {}
interface CreateOAuth2PoolOptions extends OAuth2PoolOptions {
  readonly transport?: CreateTokenKeepPoolOptions["transport"] | undefined;
  readonly storage?: CreateTokenKeepPoolOptions["storage"] | undefined;
  readonly telemetry?: CreateTokenKeepPoolOptions["telemetry"];
}
export declare const createOAuth2Pool: (options: CreateOAuth2PoolOptions) => TokenPool$1<OAuth2Client>;
interface OAuth2PoolClient {
  readonly request: AuthorizedClient["Service"]["request"];
  readonly replaceGrant: TokenManager["Service"]["replaceGrant"];
}
interface OAuth2PoolApi extends EffectPool {
  readonly client: (id: string) => OAuth2PoolClient;
}
interface OAuth2PoolServiceClass<Self, Id extends string> extends Context.ServiceClass<Self, Id, OAuth2PoolApi> {
  readonly layer: (options: OAuth2PoolOptions) => Layer.Layer<Self, TokenkeepError$1, Transport | TokenStorage>;
  readonly layerDefault: (options: OAuth2PoolOptions) => Layer.Layer<Self, TokenkeepError$1>;
}
declare const Pool: <Self>() => <const Id extends string>(id: Id) => OAuth2PoolServiceClass<Self, Id>;
interface OAuth2Api {
  readonly request: AuthorizedClient["Service"]["request"];
  readonly fetch: typeof globalThis.fetch;
  readonly client: AuthorizedClient["Service"];
  readonly tokens: TokenManager["Service"];
}
interface OAuth2ServiceClass<Self, Id extends string> extends Context.ServiceClass<Self, Id, OAuth2Api> {
  readonly layer: (options: OAuth2Options) => Layer.Layer<Self, TokenkeepError$1, Transport | TokenStorage>;
  readonly layerDefault: (options: OAuth2Options) => Layer.Layer<Self, TokenkeepError$1>;
}
declare const Service: <Self>() => <const Id extends string>(id: Id) => OAuth2ServiceClass<Self, Id>;
export declare const OAuth2: {
  Service: typeof Service;
  Pool: typeof Pool;
};
export {
  type ById,
  type ClientAuthenticationMethod,
  type ClientSecretSource,
  type CreateOAuth2Options,
  type CreateOAuth2PoolOptions,
  type Duration,
  type EffectPrivateKeySource,
  type OAuth2Api,
  type OAuth2Client,
  type OAuth2Grant,
  type OAuth2Options,
  type OAuth2PoolApi,
  type OAuth2PoolClient,
  type OAuth2PoolGrant,
  type OAuth2PoolOptions,
  type OAuth2PoolPromiseOptions,
  type OAuth2PoolServiceClass,
  type OAuth2PromiseOptions,
  type OAuth2ServiceClass,
  type PrivateJwk,
  type PrivateKey,
  type PrivateKeySource,
  type SigningKey,
  type TokenPool,
  type TokenRequestParameters,
  TokenkeepError,
  isTokenkeepError
};
