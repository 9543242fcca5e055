// @tokenkeep/core

import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Cause from "effect/Cause";
import * as Context from "effect/Context";
import * as Redacted from "effect/Redacted";
import * as Duration from "effect/Duration";
import * as Scope from "effect/Scope";
import * as Result from "effect/Result";
type LifetimeSource = "declared" | "jwt" | "observed" | "assumed" | "unknown";
export declare class AccessToken {
  #private;
  readonly id: string;
  readonly issuedAt: number;
  readonly expiresAt?: number;
  readonly lifetimeSource: LifetimeSource;
  private constructor();
  static make(value: string, options: AccessTokenOptions): AccessToken;
  static defect(value: string): string | undefined;
  reveal(): string;
  toString(): string;
  toJSON(): string;
}
interface AccessTokenOptions {
  readonly issuedAt: number;
  readonly expiresAt?: number | undefined;
  readonly lifetimeSource?: LifetimeSource | undefined;
  readonly id?: string | undefined;
}
type TokenkeepErrorReason = {
  readonly _tag: "ApiKeyMissing";
} | {
  readonly _tag: "ApiKeyMalformed";
} | {
  readonly _tag: "ApiKeyRejected";
  readonly retryAt: number;
} | {
  readonly _tag: "ClientRejected";
  readonly retryAt: number;
} | {
  readonly _tag: "ScopeRejected";
  readonly retryAt: number;
} | {
  readonly _tag: "GrantRejected";
  readonly at: number;
} | {
  readonly _tag: "GrantLost";
  readonly at: number;
  readonly owner: string;
} | {
  readonly _tag: "GrantMissing";
} | {
  readonly _tag: "CredentialSourceFailed";
} | {
  readonly _tag: "CredentialMisused";
} | {
  readonly _tag: "TokenExpired";
} | {
  readonly _tag: "TokenInvalid";
} | {
  readonly _tag: "TokenMissing";
} | {
  readonly _tag: "Forbidden";
} | {
  readonly _tag: "RateLimited";
  readonly retryAt: number;
  readonly limit?: number | undefined;
  readonly remaining?: number | undefined;
  readonly endpoint: string;
} | {
  readonly _tag: "TokenRequestLimited";
  readonly retryAt: number;
} | {
  readonly _tag: "IssuerUnavailable";
} | {
  readonly _tag: "TokenResponseInvalid";
} | {
  readonly _tag: "OriginNotAllowed";
  readonly origin: string;
} | {
  readonly _tag: "RedirectRefused";
  readonly from: string;
  readonly to: string;
} | {
  readonly _tag: "InsecureOrigin";
  readonly origin: string;
} | {
  readonly _tag: "TransportFailed";
} | {
  readonly _tag: "ResponseInvalid";
  readonly path: string;
} | {
  readonly _tag: "ApiError";
  readonly status: number;
} | {
  readonly _tag: "StorageFailed";
  readonly operation: string;
} | {
  readonly _tag: "LeaseTimeout";
  readonly owner: string;
} | {
  readonly _tag: "StorageInsecure";
} | {
  readonly _tag: "ConfigInvalid";
  readonly option: string;
} | {
  readonly _tag: "Disposed";
};
type ReasonTag = TokenkeepErrorReason["_tag"];
declare const taxonomy: {
  readonly ApiKeyMissing: readonly ["API_KEY_MISSING", false];
  readonly ApiKeyMalformed: readonly ["API_KEY_MALFORMED", false];
  readonly ApiKeyRejected: readonly ["API_KEY_REJECTED", false];
  readonly ClientRejected: readonly ["CLIENT_REJECTED", false];
  readonly ScopeRejected: readonly ["SCOPE_REJECTED", false];
  readonly GrantRejected: readonly ["GRANT_REJECTED", false];
  readonly GrantLost: readonly ["GRANT_LOST", false];
  readonly GrantMissing: readonly ["GRANT_MISSING", false];
  readonly CredentialSourceFailed: readonly ["CREDENTIAL_SOURCE_FAILED", true];
  readonly CredentialMisused: readonly ["CREDENTIAL_MISUSED", false];
  readonly TokenExpired: readonly ["TOKEN_EXPIRED", true];
  readonly TokenInvalid: readonly ["TOKEN_INVALID", false];
  readonly TokenMissing: readonly ["TOKEN_MISSING", false];
  readonly Forbidden: readonly ["FORBIDDEN", false];
  readonly RateLimited: readonly ["RATE_LIMITED", true];
  readonly TokenRequestLimited: readonly ["TOKEN_REQUEST_LIMITED", true];
  readonly IssuerUnavailable: readonly ["ISSUER_UNAVAILABLE", true];
  readonly TokenResponseInvalid: readonly ["TOKEN_RESPONSE_INVALID", false];
  readonly OriginNotAllowed: readonly ["ORIGIN_NOT_ALLOWED", false];
  readonly RedirectRefused: readonly ["REDIRECT_REFUSED", false];
  readonly InsecureOrigin: readonly ["INSECURE_ORIGIN", false];
  readonly TransportFailed: readonly ["TRANSPORT_FAILED", true];
  readonly ResponseInvalid: readonly ["RESPONSE_INVALID", false];
  readonly ApiError: readonly ["API_ERROR", false];
  readonly StorageFailed: readonly ["STORAGE_FAILED", true];
  readonly LeaseTimeout: readonly ["LEASE_TIMEOUT", true];
  readonly StorageInsecure: readonly ["STORAGE_INSECURE", false];
  readonly ConfigInvalid: readonly ["CONFIG_INVALID", false];
  readonly Disposed: readonly ["DISPOSED", false];
};
type CodeOf<Tag extends ReasonTag> = (typeof taxonomy)[Tag][0];
type TokenkeepErrorCode = CodeOf<ReasonTag>;
export declare const tokenkeepErrorCodes: ReadonlyArray<TokenkeepErrorCode>;
type ReasonOf<Tag extends ReasonTag> = Extract<TokenkeepErrorReason, {
  readonly _tag: Tag;
}>;
interface ErrorFields<Tag extends ReasonTag> extends Error {
  readonly _tag: "TokenkeepError";
  readonly code: CodeOf<Tag>;
  readonly reason: ReasonOf<Tag>;
  readonly retryAt: ReasonOf<Tag> extends {
    readonly retryAt: number;
  } ? number : undefined;
  readonly message: string;
  readonly fix: string;
  readonly docs: string;
  readonly retryable: boolean;
  readonly cause?: unknown;
}
type TokenkeepErrorFields = { readonly [Tag in ReasonTag]: ErrorFields<Tag>; }[ReasonTag];
interface ErrorOf<Tag extends ReasonTag> extends Cause.YieldableError, ErrorFields<Tag> {
  readonly message: string;
  readonly cause?: unknown;
}
interface Wording {
  readonly what: string;
  readonly fix: string;
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}
export type TokenkeepError = { readonly [Tag in ReasonTag]: ErrorOf<Tag>; }[ReasonTag];
export declare const TokenkeepError: {
  new (fields: never): TokenkeepError;
  readonly prototype: TokenkeepError;
  [Symbol.hasInstance](value: unknown): value is TokenkeepError;
  of<Tag extends ReasonTag>(reason: ReasonOf<Tag> & {
    readonly _tag: Tag;
  }, wording: Wording): ErrorOf<Tag>;
};
export declare const isTokenkeepError: (u: unknown) => u is TokenkeepError;
export declare const tokenkeepErrorOf: (error: unknown) => TokenkeepError | undefined;
export declare class ApiKey {
  #private;
  readonly name: string;
  private constructor();
  static make(value: string | Redacted.Redacted, options?: {
    readonly name?: string | undefined;
    readonly noun?: string | undefined;
  }): ApiKey;
  reveal(): string;
  equals(other: ApiKey): boolean;
  isIn(text: string): boolean;
  toString(): string;
  toJSON(): string;
}
interface CredentialTerms {
  readonly noun: string;
  readonly option: string;
}
type KeyValue = string | Redacted.Redacted | undefined;
type ApiKeySource = string | Redacted.Redacted | (() => KeyValue | Promise<KeyValue>) | Effect.Effect<KeyValue, unknown>;
type ApiKeySources = ApiKeySource | readonly [ApiKeySource, ApiKeySource];
interface KeySource {
  readonly current: Effect.Effect<ApiKey, TokenkeepError>;
  readonly recent: Effect.Effect<ApiKey, TokenkeepError>;
}
declare const Credentials_base: Context.ServiceClass<Credentials, "@tokenkeep/core/Credentials", {
  readonly sources: readonly [KeySource, ...ReadonlyArray<KeySource>];
  readonly areIn: (value: string) => boolean;
  readonly areInToken: (token: string) => boolean;
  readonly arePartlyIn: (text: string) => boolean;
  readonly prime: Effect.Effect<void>;
}>;
export declare class Credentials extends Credentials_base {
  static readonly layer: (sources: ApiKeySources, options?: {
    readonly name?: string | undefined;
    readonly terms?: CredentialTerms | undefined;
  }) => Layer.Layer<Credentials>;
}
interface Limit {
  readonly count: number;
  readonly millis: number;
}
interface EventBase {
  readonly at: number;
}
type RenewalReason = "first" | "expired" | "rejected" | "window";
type RejectionReason = "expired" | "invalid" | "unknown";
type TokenEvent = (EventBase & {
  readonly type: "renewal-started";
  readonly reason: RenewalReason;
  readonly background: boolean;
}) | (EventBase & {
  readonly type: "issued";
  readonly tokenId: string;
  readonly reason: RenewalReason;
  readonly tookMillis: number;
  readonly waited: number;
}) | (EventBase & {
  readonly type: "adopted";
  readonly tokenId: string;
  readonly reason: RenewalReason;
  readonly waited: number;
}) | (EventBase & {
  readonly type: "renewal-failed";
  readonly reason: RenewalReason;
  readonly code: TokenkeepErrorCode;
  readonly background: boolean;
  readonly waited: number;
}) | (EventBase & {
  readonly type: "rejected";
  readonly tokenId: string;
  readonly reason: RejectionReason;
  readonly age: number;
}) | (EventBase & {
  readonly type: "key-rejected";
  readonly key: string;
  readonly retryAt: number;
}) | (EventBase & {
  readonly type: "key-rotated";
  readonly key: string;
}) | (EventBase & {
  readonly type: "token-request-limited";
  readonly retryAt: number;
}) | (EventBase & {
  readonly type: "lease-waited";
  readonly owner: string;
  readonly waitedMillis: number;
}) | (EventBase & {
  readonly type: "storage-degraded";
  readonly operation: string;
  readonly detail: string;
}) | (EventBase & {
  readonly type: "rate-limit-waiting";
  readonly endpoint: string;
  readonly until: number;
}) | (EventBase & {
  readonly type: "record-ignored";
  readonly why: "unreadable" | "sealed";
}) | (EventBase & {
  readonly type: "storage-recovered";
});
interface Rates {
  readonly perSecond?: number | undefined;
  readonly perMinute?: number | undefined;
}
interface ApiClientOptionsOf<Time> {
  readonly rateLimits?: boolean | Rates | undefined;
  readonly maxWait?: Time | undefined;
  readonly onTokenEvent?: ((event: TokenEvent) => void) | undefined;
}
type ApiClientOptions = ApiClientOptionsOf<Duration.Input>;
export declare const apiSettings: (options: ApiClientOptions, rates: Rates | undefined) => {
  limits: readonly Limit[];
  maxWait: number;
};
interface ProviderResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly sentToken: boolean;
}
interface RateLimitVerdict {
  readonly _tag: "RateLimited";
  readonly resetAt?: number | undefined;
  readonly limit?: number | undefined;
  readonly remaining?: number | undefined;
}
type TokenVerdict = {
  readonly _tag: "Issued";
  readonly token: string;
  readonly lifetime?: number;
  readonly expiresAt?: number;
  readonly refreshToken?: string;
  readonly refreshTokenLifetime?: number;
} |
{
  readonly _tag: "GrantRejected";
} | {
  readonly _tag: "KeyRejected";
  readonly documented?: boolean;
  readonly reason?: string;
} | RateLimitVerdict |
{
  readonly _tag: "Unavailable";
} |
{
  readonly _tag: "Invalid";
  readonly detail: string;
  readonly fix?: string;
  readonly refreshToken?: string;
};
type Verdict = {
  readonly _tag: "TokenExpired";
} | {
  readonly _tag: "TokenInvalid";
} | {
  readonly _tag: "TokenMissing";
} |
{
  readonly _tag: "Forbidden";
  readonly detail?: string;
  readonly fix?: string;
} | RateLimitVerdict |
{
  readonly _tag: "Other";
};
interface CredentialRejection {
  readonly key: string;
  readonly status: number;
  readonly retryAt: number;
  readonly documented: boolean;
  readonly reason?: string | undefined;
}
interface TokenRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}
type TokenFetch = (input: string | URL, init?: Pick<RequestInit, "method" | "headers" | "body">) => Promise<Response>;
interface RecordNameParts {
  readonly issuer?: string | undefined;
  readonly client?: string | undefined;
  readonly scope?: string | undefined;
  readonly audience?: string | undefined;
  readonly details?: string | undefined;
}
interface ProviderGrant {
  readonly id: string;
  readonly refreshToken?: ApiKeySource | undefined;
  readonly grace?: number | undefined;
  readonly allowVolatile?: boolean | undefined;
}
declare const Provider_base: Context.ServiceClass<Provider, "@tokenkeep/core/Provider", {
  readonly name: string;
  readonly baseUrl: string;
  readonly tokenOrigins?: ReadonlyArray<string> | undefined;
  readonly discoverTokenOrigins?: ((context: {
    readonly fetch: TokenFetch;
  }) => Promise<ReadonlyArray<string>>) | undefined;
  readonly allowInsecureHttp: boolean;
  readonly propagation?: number;
  readonly rates?: Rates;
  readonly recordName?: RecordNameParts | undefined;
  readonly credential?: CredentialTerms | undefined;
  readonly rejectionError?: ((rejection: CredentialRejection) => Extract<TokenkeepError, {
    readonly code: "API_KEY_REJECTED" | "CLIENT_REJECTED" | "SCOPE_REJECTED";
  }>) | undefined;
  readonly grant?: ProviderGrant | undefined;
  readonly requestToken: (apiKey: ApiKey, context: {
    readonly fetch: TokenFetch;
    readonly refreshToken?: string | undefined;
  }) => TokenVerdict | Promise<TokenVerdict>;
  readonly classify: (response: ProviderResponse) => Verdict;
}>;
export declare class Provider extends Provider_base {}
interface StoredRecord {
  readonly text: string;
  readonly fence: number;
}
declare const StorageFailure_base: new <A extends Record<string, any> = {}>(args: import("effect/Types").VoidIfEmpty<{ readonly [P in keyof A as P extends "_tag" ? never : P]: A[P]; }>) => import("effect/Cause").YieldableError & {
  readonly _tag: "StorageFailure";
} & Readonly<A>;
export declare class StorageFailure extends StorageFailure_base<{
  readonly operation: "load" | "save" | "replace" | "remove" | "acquireLease" | "release" | "watch";
  readonly detail: string;
  readonly insecure?: boolean;
  readonly retryable?: boolean;
}> {}
interface StorageCapabilities {
  readonly durable: boolean;
  readonly shared: boolean;
  readonly acquireLease: boolean;
  readonly watch: boolean;
  readonly exclusive?: boolean | undefined;
}
export declare const maxLeaseMillis = 60000;
interface LeaseRequest {
  readonly owner: string;
  readonly millis: number;
}
interface Lease {
  readonly _tag: "Lease";
  readonly fence: number;
  readonly owner?: string | undefined;
  readonly release: Effect.Effect<void, StorageFailure>;
}
interface LeaseTaken {
  readonly _tag: "LeaseTaken";
  readonly owner: string;
  readonly fence: number;
  readonly left: number;
}
interface ExclusiveRecord {
  readonly version: string;
  readonly text: string;
}
interface ExclusiveChange {
  readonly record: ExclusiveRecord;
  readonly expected: string | undefined;
  readonly fence?: number | undefined;
}
interface ExclusiveRecords {
  readonly load: (name: string) => Effect.Effect<ExclusiveRecord | undefined, StorageFailure>;
  readonly replace: (name: string, change: ExclusiveChange) => Effect.Effect<boolean, StorageFailure>;
}
declare const TokenStorage_base: Context.ServiceClass<TokenStorage, "@tokenkeep/core/TokenStorage", {
  readonly capabilities: StorageCapabilities;
  readonly load: (name: string) => Effect.Effect<StoredRecord | undefined, StorageFailure>;
  readonly save: (name: string, stored: StoredRecord, quiet?: boolean) => Effect.Effect<boolean, StorageFailure>;
  readonly remove: (name: string) => Effect.Effect<void, StorageFailure>;
  readonly acquireLease?: (name: string, request: LeaseRequest) => Effect.Effect<Lease | LeaseTaken, StorageFailure>;
  readonly watch?: (name: string) => Effect.Effect<Effect.Effect<void>, StorageFailure, Scope.Scope>;
  readonly exclusive?: ExclusiveRecords;
}>;
export declare class TokenStorage extends TokenStorage_base {}
interface TransportResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  readonly toResponse: () => Response;
}
declare const Transport_base: Context.ServiceClass<Transport, "@tokenkeep/core/Transport", {
  readonly send: (url: string, init: RequestInit) => Promise<TransportResponse>;
  readonly redirects: "visible" | "hidden";
}>;
export declare class Transport extends Transport_base {
  static readonly fromFetch: (send: (url: string, init: RequestInit) => Promise<Response>) => Transport["Service"];
}
type OptionCheck<A = unknown> = (option: string, value: any) => A;
type OptionChecks = Readonly<Record<string, OptionCheck>>;
type Checked<Checks extends OptionChecks> = { readonly [Name in keyof Checks]: ReturnType<Checks[Name]>; };
export declare const checkOptions: <Checks extends OptionChecks>(given: unknown | undefined, checks: Checks, path?: string, others?: ReadonlyArray<string>) => Checked<Checks>;
export declare const ofType: (type: "boolean" | "function" | "string") => OptionCheck<void>;
export declare const positiveMillis: <Fallback extends number | undefined>(fallback: Fallback) => OptionCheck<number | Fallback>;
type EncryptionKey = string | Uint8Array;
interface StorageOptionsOf<Time> {
  readonly storageTimeout?: Time | undefined;
  readonly storageGrace?: Time | undefined;
  readonly storageFailure?: "degrade" | "require" | undefined;
  readonly encryptionKey?: EncryptionKey | ReadonlyArray<EncryptionKey> | undefined;
}
interface StorageOptions extends StorageOptionsOf<Duration.Input> {
  readonly fallbackStorage?: Layer.Layer<TokenStorage> | undefined;
}
interface TokenRequestOptionsOf<Time> {
  readonly deadline?: Time | undefined;
  readonly tries?: number | undefined;
  readonly maxBody?: number | undefined;
}
type TokenRequestOptions = TokenRequestOptionsOf<Duration.Input>;
interface TokenRequestLimitOptionsOf<Time> {
  readonly tokenRequest?: TokenRequestOptionsOf<Time> | undefined;
  readonly maxWait?: Time | undefined;
  readonly budget?: {
    readonly burst?: number | undefined;
    readonly perSecond?: number | undefined;
  } | undefined;
  readonly keyCooldown?: {
    readonly initial?: Time | undefined;
    readonly max?: Time | undefined;
  } | undefined;
}
type TokenRequestLimitOptions = TokenRequestLimitOptionsOf<Duration.Input>;
interface RenewalOptionsOf<Time> {
  readonly window?: Time | undefined;
  readonly maxWindow?: Time | undefined;
  readonly jitter?: number | undefined;
  readonly assumedLifetime?: Time | undefined;
}
type RenewalOptions = RenewalOptionsOf<Duration.Input>;
interface RenewalSettings {
  readonly window: number | undefined;
  readonly maxWindow: number;
  readonly jitter: number;
  readonly assumedLifetime: number | undefined;
}
interface Observations {
  readonly last?: number | undefined;
  readonly estimate?: number | undefined;
}
interface TokenManagerOptionsOf<Time> extends TokenRequestLimitOptionsOf<Time>, StorageOptionsOf<Time> {
  readonly renewal?: RenewalOptionsOf<Time> | undefined;
  readonly onTokenEvent?: ((event: TokenEvent) => void) | undefined;
  readonly waitUntil?: ((promise: Promise<void>) => void) | undefined;
}
interface TokenManagerOptions extends TokenManagerOptionsOf<Duration.Input>, StorageOptions {}
interface GrantStatus {
  readonly id: string;
  readonly state: "ok" | "exchanging" | "rejected" | "lost";
  readonly generation: number;
  readonly since: number;
  readonly refreshTokenExpiresAt?: number | undefined;
}
interface CurrentToken {
  readonly token: AccessToken;
  readonly requestedAt: number;
  readonly knownSince: number;
  readonly window: number;
  readonly renewFrom: number;
  readonly probeFrom: number;
}
interface State {
  readonly current: CurrentToken | undefined;
  readonly without: "first" | "expired" | "rejected";
  readonly isRenewing: boolean;
  readonly retired: ReadonlyArray<string>;
  readonly failures: number;
}
interface TokenStatus {
  readonly state: "empty" | "fresh" | "renewing" | "degraded" | "key-rejected" | "disposed";
  readonly token?: {
    readonly id: string;
    readonly issuedAt: number;
    readonly age: number;
    readonly expiresAt?: number;
    readonly lifetimeSource: LifetimeSource;
  };
  readonly nextRenewalAt?: number;
  readonly lastError?: {
    readonly code: TokenkeepErrorCode;
    readonly message: string;
    readonly at: number;
  };
  readonly storage: StorageCapabilities & {
    readonly state: "unused" | "ok" | "degraded";
  };
  readonly lease: {
    readonly state: "none" | "held" | "waiting";
    readonly owner?: string;
  };
  readonly grant?: GrantStatus | undefined;
}
declare const TokenManager_base: Context.ServiceClass<TokenManager, "@tokenkeep/core/TokenManager", {
  readonly get: Effect.Effect<AccessToken, TokenkeepError>;
  readonly peek: () => AccessToken | undefined;
  readonly cached: () => AccessToken | undefined;
  readonly reject: (token: AccessToken | string, how?: RejectionReason) => Effect.Effect<void>;
  readonly propagated: (token: AccessToken) => Effect.Effect<void, TokenkeepError>;
  readonly retryKey: () => void;
  readonly replaceGrant: (refreshToken: string | Redacted.Redacted) => Effect.Effect<void, TokenkeepError>;
  readonly status: () => TokenStatus;
  readonly isDisposed: () => boolean;
  readonly ended: Effect.Effect<never, TokenkeepError>;
}>;
export declare class TokenManager extends TokenManager_base {
  static readonly layer: (options?: TokenManagerOptions) => Layer.Layer<TokenManager, TokenkeepError, Provider | Credentials | Transport | TokenStorage>;
}
interface AuthorizedClientOptions {
  readonly redirects?: "strip" | "refuse" | undefined;
  readonly replayBodyLimit?: number | undefined;
}
interface FetchOptions {
  readonly ownAuthorization?: "respect" | "replace" | undefined;
  readonly auth?: boolean | undefined;
}
declare const AuthorizedClient_base: Context.ServiceClass<AuthorizedClient, "@tokenkeep/core/AuthorizedClient", {
  readonly baseUrl: string;
  readonly request: (input: string | URL | Request, init?: RequestInit, options?: FetchOptions) => Effect.Effect<Response, TokenkeepError>;
  readonly fetch: typeof globalThis.fetch;
  readonly fetchWith: (options?: FetchOptions) => typeof globalThis.fetch;
  readonly explain: (response: Response) => Effect.Effect<TokenkeepError | undefined>;
  readonly holdsSecret: (value: string) => boolean;
}>;
export declare class AuthorizedClient extends AuthorizedClient_base {
  static readonly layer: (options?: AuthorizedClientOptions) => Layer.Layer<AuthorizedClient, TokenkeepError, Provider | Credentials | TokenManager | Transport>;
}
interface TokenKeepOptions extends TokenManagerOptions, AuthorizedClientOptions {
  readonly provider: Provider["Service"];
  readonly apiKey: ApiKeySources;
  readonly keyName?: string | undefined;
}
export declare const tokenKeepChecks: Readonly<Record<string, OptionCheck>>;
type Settings = ReturnType<typeof settingsOf>;
declare const settingsOf: (options: TokenKeepOptions, adapterChecks?: Readonly<Record<string, OptionCheck>>) => {
  provider: {
    readonly name: string;
    readonly baseUrl: string;
    readonly tokenOrigins?: ReadonlyArray<string> | undefined;
    readonly discoverTokenOrigins?: ((context: {
      readonly fetch: TokenFetch;
    }) => Promise<ReadonlyArray<string>>) | undefined;
    readonly allowInsecureHttp: boolean;
    readonly propagation?: number;
    readonly rates?: Rates;
    readonly recordName?: RecordNameParts | undefined;
    readonly credential?: CredentialTerms | undefined;
    readonly rejectionError?: ((rejection: CredentialRejection) => Extract<TokenkeepError, {
      readonly code: "API_KEY_REJECTED" | "CLIENT_REJECTED" | "SCOPE_REJECTED";
    }>) | undefined;
    readonly grant?: ProviderGrant | undefined;
    readonly requestToken: (apiKey: ApiKey, context: {
      readonly fetch: TokenFetch;
      readonly refreshToken?: string | undefined;
    }) => TokenVerdict | Promise<TokenVerdict>;
    readonly classify: (response: ProviderResponse) => Verdict;
  };
  apiKey: ApiKeySources;
  keyName: string | undefined;
  fallbackStorage: Layer.Layer<TokenStorage, never, never> | undefined;
  manager: {
    base: URL;
    tokenRequest: {
      deadline: number;
      tries: number;
      maxBody: number;
      burst: number;
      perSecond: number;
      maxWait: number;
      cooldown: {
        initial: number;
        max: number;
      };
      tokenOrigins: readonly URL[];
    };
    renewal: RenewalSettings;
    storage: {
      timeout: number;
      grace: number;
      isRequired: boolean;
      isExclusive: boolean;
      encryptionKeys: readonly Uint8Array<ArrayBuffer>[];
      leaseMillis: number;
      leaseMargin: number;
    };
    onTokenEvent: ((event: TokenEvent) => void) | undefined;
    waitUntil: ((promise: Promise<void>) => void) | undefined;
  };
  client: {
    readonly redirects: "refuse" | "strip";
    readonly replayBodyLimit: number;
  };
};
export declare const tokenKeepLayer: (options: TokenKeepOptions) => Layer.Layer<TokenManager | AuthorizedClient, TokenkeepError, Transport | TokenStorage>;
interface CreateTokenKeepOptions extends TokenKeepOptions {
  readonly transport: Layer.Layer<Transport>;
  readonly storage: Layer.Layer<TokenStorage>;
  readonly telemetry?: Layer.Layer<never> | undefined;
}
interface PromiseTokenKeep extends AsyncDisposable {
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly fetchWith: (options?: FetchOptions) => typeof globalThis.fetch;
  readonly token: (options?: {
    readonly signal?: AbortSignal | undefined;
  }) => Promise<AccessToken>;
  readonly peek: () => AccessToken | undefined;
  readonly reject: (token: AccessToken | string) => Promise<void>;
  readonly retryKey: () => void;
  readonly status: () => TokenStatus;
  readonly dispose: () => Promise<void>;
}
interface TokenKeep extends PromiseTokenKeep {
  readonly explain: (response: Response) => Promise<TokenkeepError | undefined>;
  readonly run: <A, E>(effect: Effect.Effect<A, E, TokenManager | AuthorizedClient>, options?: {
    readonly signal?: AbortSignal | undefined;
  }) => Promise<A>;
}
export declare const createTokenKeep: (options: CreateTokenKeepOptions) => TokenKeep;
type PromiseRunner<R = never> = <A, E>(effect: Effect.Effect<A, E, R>, signal: AbortSignal | undefined) => Promise<A>;
interface LazyBuild<A> {
  readonly now: () => A | undefined;
  readonly get: () => A | Promise<A>;
  readonly close: () => Promise<void>;
}
interface Bucket {
  readonly left: number;
  readonly at: number;
}
interface SharedRejection {
  readonly kind: "rejected" | "limited";
  readonly reason?: string | undefined;
  readonly status: number;
  readonly at: number;
  readonly until: number;
  readonly times: number;
  readonly credential?: string | undefined;
}
interface Rejection {
  readonly error: TokenkeepError;
  readonly until: number;
  readonly times: number;
  readonly shared: SharedRejection | undefined;
}
interface ClientMemory {
  state: State;
  readonly rejections: Map<string, Rejection>;
  readonly learned: Map<string, Observations>;
  bucket: Bucket | undefined;
  forgottenAt: number;
}
type Adapters = Context.Context<Transport | TokenStorage>;
type OpenClient = Effect.Success<ReturnType<typeof openClient>>;
declare const openClient: (args_0: {
  provider: {
    readonly name: string;
    readonly baseUrl: string;
    readonly tokenOrigins?: ReadonlyArray<string> | undefined;
    readonly discoverTokenOrigins?: ((context: {
      readonly fetch: TokenFetch;
    }) => Promise<ReadonlyArray<string>>) | undefined;
    readonly allowInsecureHttp: boolean;
    readonly propagation?: number;
    readonly rates?: Rates;
    readonly recordName?: RecordNameParts | undefined;
    readonly credential?: CredentialTerms | undefined;
    readonly rejectionError?: ((rejection: CredentialRejection) => Extract<TokenkeepError, {
      readonly code: "API_KEY_REJECTED" | "CLIENT_REJECTED" | "SCOPE_REJECTED";
    }>) | undefined;
    readonly grant?: ProviderGrant | undefined;
    readonly requestToken: (apiKey: ApiKey, context: {
      readonly fetch: TokenFetch;
      readonly refreshToken?: string | undefined;
    }) => TokenVerdict | Promise<TokenVerdict>;
    readonly classify: (response: ProviderResponse) => Verdict;
  };
  apiKey: ApiKeySources;
  keyName: string | undefined;
  fallbackStorage: import("effect/Layer").Layer<TokenStorage, never, never> | undefined;
  manager: {
    base: URL;
    tokenRequest: {
      deadline: number;
      tries: number;
      maxBody: number;
      burst: number;
      perSecond: number;
      maxWait: number;
      cooldown: {
        initial: number;
        max: number;
      };
      tokenOrigins: readonly URL[];
    };
    renewal: RenewalSettings;
    storage: {
      timeout: number;
      grace: number;
      isRequired: boolean;
      isExclusive: boolean;
      encryptionKeys: readonly Uint8Array<ArrayBuffer>[];
      leaseMillis: number;
      leaseMargin: number;
    };
    onTokenEvent: ((event: TokenEvent) => void) | undefined;
    waitUntil: ((promise: Promise<void>) => void) | undefined;
  };
  client: {
    readonly redirects: "refuse" | "strip";
    readonly replayBodyLimit: number;
  };
}, adapters: Adapters, scope: Scope.Closeable, remembered: Partial<ClientMemory> | undefined) => Effect.Effect<{
  client: {
    baseUrl: string;
    fetch: typeof fetch;
    fetchWith: (options?: FetchOptions) => typeof globalThis.fetch;
    request: (input: string | URL | Request, init?: RequestInit, options?: FetchOptions) => Effect.Effect<Response, TokenkeepError, never>;
    explain: (response: Response) => Effect.Effect<TokenkeepError | undefined>;
    holdsSecret: (text: string) => boolean;
  };
  manager: {
    get: Effect.Effect<AccessToken, TokenkeepError, never>;
    replaceGrant: (refreshToken: string | import("effect/Redacted").Redacted) => Effect.Effect<undefined, TokenkeepError, never>;
    peek: () => AccessToken | undefined;
    cached: () => AccessToken | undefined;
    reject: (rejected: AccessToken | string, how?: RejectionReason) => Effect.Effect<void>;
    propagated: (token: AccessToken) => Effect.Effect<void, TokenkeepError>;
    retryKey: () => void;
    status: () => TokenStatus;
    isDisposed: () => boolean;
    ended: Effect.Effect<never, TokenkeepError, never>;
    isIdle: () => boolean;
  };
  memory: ClientMemory;
  mono: () => number;
  context: Context.Context<AuthorizedClient | TokenManager>;
  run: PromiseRunner<AuthorizedClient | TokenManager>;
}, never, never>;
interface Linked<Self> {
  older: Self | undefined;
  newer: Self | undefined;
}
interface Slot extends Linked<Slot> {
  readonly id: string;
  readonly settings: Settings;
  building: Pick<LazyBuild<OpenClient>, "get" | "close"> | undefined;
  client: OpenClient | undefined;
  uses: number;
  lastToken: {
    readonly token: unknown;
    readonly promise: Promise<unknown>;
  } | undefined;
}
type Pool = ReturnType<typeof makePool>;
declare const makePool: (settingsFor: (id: string) => Settings, adapters: Pick<LazyBuild<Adapters>, "get">, maxOpen: number) => {
  use: (id: string, known?: Slot) => Slot;
  retain: (slot: Slot) => void;
  release: (slot: Slot) => void;
  touch: (entry: Slot) => void;
  find: (id: string) => Slot | undefined;
  isDisposed: () => boolean;
  size: () => number;
  dispose: () => Promise<void>;
};
export declare class PooledClient implements TokenKeep {
  #private;
  protected readonly id: string;
  constructor(pool: Pool, id: string);
  get baseUrl(): string;
  get fetch(): typeof globalThis.fetch;
  get fetchWith(): TokenKeep["fetchWith"];
  get token(): TokenKeep["token"];
  get peek(): TokenKeep["peek"];
  get reject(): TokenKeep["reject"];
  get retryKey(): TokenKeep["retryKey"];
  get status(): TokenKeep["status"];
  get explain(): TokenKeep["explain"];
  get run(): TokenKeep["run"];
  get dispose(): TokenKeep["dispose"];
  [Symbol.asyncDispose](): Promise<void>;
}
type PoolConnection = Pick<TokenKeepOptions, "provider" | "apiKey" | "keyName">;
interface PoolOptions extends Omit<TokenKeepOptions, keyof PoolConnection | "onTokenEvent"> {
  readonly connection: (id: string) => PoolConnection;
  readonly maxOpen?: number | undefined;
  readonly onTokenEvent?: ((event: TokenEvent, id: string) => void) | undefined;
}
interface CreateTokenKeepPoolOptions extends PoolOptions, Pick<CreateTokenKeepOptions, "transport" | "storage" | "telemetry"> {}
interface TokenPool<Client> extends AsyncDisposable {
  readonly client: (id: string) => Client;
  readonly size: number;
  readonly dispose: () => Promise<void>;
}
export declare const createTokenKeepPool: <Client extends PooledClient = PooledClient>(options: CreateTokenKeepPoolOptions, Client?: new (pool: Pool, id: string) => Client) => TokenPool<Client>;
type Services = TokenManager | AuthorizedClient;
interface EffectPool {
  readonly provide: (id: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | TokenkeepError, Exclude<R, Services>>;
  readonly services: (id: string) => Effect.Effect<Context.Context<Services>, TokenkeepError, Scope.Scope>;
  readonly size: () => number;
}
export declare const makeTokenKeepPool: (options: PoolOptions) => Effect.Effect<EffectPool, TokenkeepError, Scope.Scope | TokenStorage | Transport>;
export declare const readEnvironment: (name: string) => string | undefined;
export declare const apiKeyFromEnvironment: (name: string) => () => string;
export declare const transportFailed: (what: string, error?: unknown) => TokenkeepError;
export declare const spans: {
  readonly renew: "tokenkeep.renew";
  readonly tokenRequest: "tokenkeep.token_request";
  readonly load: "tokenkeep.storage.load";
  readonly save: "tokenkeep.storage.save";
  readonly lease: "tokenkeep.storage.lease";
  readonly replay: "tokenkeep.replay";
};
export declare const metrics: {
  readonly tokenRequests: "tokenkeep_token_requests";
  readonly tokenRequestMillis: "tokenkeep_token_request_millis";
  readonly renewals: "tokenkeep_renewals";
  readonly rejections: "tokenkeep_rejections";
  readonly leaseWaitMillis: "tokenkeep_lease_wait_millis";
  readonly storageFailures: "tokenkeep_storage_failures";
  readonly replays: "tokenkeep_replays";
};
export declare const histogramBounds: ReadonlyArray<number>;
type Histogram = "tokenRequestMillis" | "leaseWaitMillis";
interface TelemetryService {
  readonly span: <A, E, R>(name: keyof typeof spans, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>;
  readonly count: (name: Exclude<keyof typeof metrics, Histogram>, attributes?: Readonly<Record<string, string>>) => Effect.Effect<void>;
  readonly recordMillis: (name: Histogram, millis: number) => Effect.Effect<void>;
}
export declare const Telemetry: Context.Reference<TelemetryService>;
export declare const FallbackStorage: Context.Reference<{
  readonly capabilities: StorageCapabilities;
  readonly load: (name: string) => import("effect/Effect").Effect<StoredRecord | undefined, StorageFailure>;
  readonly save: (name: string, stored: StoredRecord, quiet?: boolean) => import("effect/Effect").Effect<boolean, StorageFailure>;
  readonly remove: (name: string) => import("effect/Effect").Effect<void, StorageFailure>;
  readonly acquireLease?: (name: string, request: LeaseRequest) => import("effect/Effect").Effect<Lease | LeaseTaken, StorageFailure>;
  readonly watch?: (name: string) => import("effect/Effect").Effect<import("effect/Effect").Effect<void>, StorageFailure, import("effect/Scope").Scope>;
  readonly exclusive?: ExclusiveRecords;
} | undefined>;
type JsonObject = Readonly<Record<string, unknown>>;
interface JsonTokenOptions {
  readonly path: string;
  readonly method?: "POST" | "GET" | "PUT" | "PATCH" | undefined;
  readonly header?: string | ((key: string) => Readonly<Record<string, string>>) | undefined;
  readonly body?: JsonObject | ((key: string) => JsonObject) | undefined;
  readonly tokenField?: string | undefined;
  readonly lifetime?: string | number | ((response: JsonObject) => number | Date | undefined) | undefined;
  readonly rejectedStatuses?: ReadonlyArray<number> | undefined;
}
export declare const jsonToken: (options: JsonTokenOptions) => Provider["Service"]["requestToken"];
export declare const pureTokenRequest: (pure: {
  readonly tokenRequest: (apiKey: ApiKey) => TokenRequest;
  readonly readTokenResponse: (response: ProviderResponse) => TokenVerdict;
}) => Provider["Service"]["requestToken"];
interface ApiCall<A> {
  readonly endpoint: string;
  readonly path: string;
  readonly decode: (body: unknown) => Result.Result<A, string>;
}
interface ApiClient {
  readonly get: <A>(call: ApiCall<A>) => Effect.Effect<A, TokenkeepError>;
}
export declare const makeApiClient: (options: ApiClientOptions & {
  readonly rates?: Rates | undefined;
  readonly messageOf?: ((text: string) => unknown) | undefined;
}) => Effect.Effect<ApiClient, TokenkeepError, AuthorizedClient | TokenManager>;
export declare const checkBaseUrl: (baseUrl: string, options: {
  readonly option: string;
  readonly allowInsecureHttp: boolean;
  readonly optIn?: ((url: URL) => string) | undefined;
  readonly forms?: string | undefined;
}) => URL;
export type {
  AccessTokenOptions,
  ApiCall,
  ApiClient,
  ApiClientOptions,
  ApiClientOptionsOf,
  ApiKeySource,
  ApiKeySources,
  AuthorizedClientOptions,
  CreateTokenKeepOptions,
  CreateTokenKeepPoolOptions,
  CredentialRejection,
  CredentialTerms,
  EffectPool,
  EncryptionKey,
  ExclusiveChange,
  ExclusiveRecord,
  ExclusiveRecords,
  FetchOptions,
  GrantStatus,
  JsonTokenOptions,
  KeySource,
  Lease,
  LeaseRequest,
  LeaseTaken,
  LifetimeSource,
  OptionCheck,
  PoolConnection,
  PoolOptions,
  PromiseTokenKeep,
  ProviderGrant,
  ProviderResponse,
  RateLimitVerdict,
  Rates,
  RecordNameParts,
  RejectionReason,
  RenewalOptions,
  RenewalOptionsOf,
  RenewalReason,
  StorageCapabilities,
  StorageOptions,
  StoredRecord,
  TelemetryService,
  TokenEvent,
  TokenFetch,
  TokenKeep,
  TokenKeepOptions,
  TokenManagerOptions,
  TokenManagerOptionsOf,
  TokenPool,
  TokenRequest,
  TokenRequestLimitOptions,
  TokenRequestOptions,
  TokenRequestOptionsOf,
  TokenStatus,
  TokenVerdict,
  TokenkeepErrorCode,
  TokenkeepErrorFields,
  TokenkeepErrorReason,
  TransportResponse,
  Verdict
};

// @tokenkeep/core/testing

export declare const assertNoSecrets: (text: string, secrets: ReadonlyArray<string>) => void;

// @tokenkeep/core/unstable-http

import * as HttpClient from "effect/http/HttpClient";
import * as Layer from "effect/Layer";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Redacted from "effect/Redacted";
import * as Cause from "effect/Cause";
import * as Duration from "effect/Duration";
import * as Scope from "effect/Scope";
type TokenkeepErrorReason = {
  readonly _tag: "ApiKeyMissing";
} | {
  readonly _tag: "ApiKeyMalformed";
} | {
  readonly _tag: "ApiKeyRejected";
  readonly retryAt: number;
} | {
  readonly _tag: "ClientRejected";
  readonly retryAt: number;
} | {
  readonly _tag: "ScopeRejected";
  readonly retryAt: number;
} | {
  readonly _tag: "GrantRejected";
  readonly at: number;
} | {
  readonly _tag: "GrantLost";
  readonly at: number;
  readonly owner: string;
} | {
  readonly _tag: "GrantMissing";
} | {
  readonly _tag: "CredentialSourceFailed";
} | {
  readonly _tag: "CredentialMisused";
} | {
  readonly _tag: "TokenExpired";
} | {
  readonly _tag: "TokenInvalid";
} | {
  readonly _tag: "TokenMissing";
} | {
  readonly _tag: "Forbidden";
} | {
  readonly _tag: "RateLimited";
  readonly retryAt: number;
  readonly limit?: number | undefined;
  readonly remaining?: number | undefined;
  readonly endpoint: string;
} | {
  readonly _tag: "TokenRequestLimited";
  readonly retryAt: number;
} | {
  readonly _tag: "IssuerUnavailable";
} | {
  readonly _tag: "TokenResponseInvalid";
} | {
  readonly _tag: "OriginNotAllowed";
  readonly origin: string;
} | {
  readonly _tag: "RedirectRefused";
  readonly from: string;
  readonly to: string;
} | {
  readonly _tag: "InsecureOrigin";
  readonly origin: string;
} | {
  readonly _tag: "TransportFailed";
} | {
  readonly _tag: "ResponseInvalid";
  readonly path: string;
} | {
  readonly _tag: "ApiError";
  readonly status: number;
} | {
  readonly _tag: "StorageFailed";
  readonly operation: string;
} | {
  readonly _tag: "LeaseTimeout";
  readonly owner: string;
} | {
  readonly _tag: "StorageInsecure";
} | {
  readonly _tag: "ConfigInvalid";
  readonly option: string;
} | {
  readonly _tag: "Disposed";
};
type ReasonTag = TokenkeepErrorReason["_tag"];
declare const taxonomy: {
  readonly ApiKeyMissing: readonly ["API_KEY_MISSING", false];
  readonly ApiKeyMalformed: readonly ["API_KEY_MALFORMED", false];
  readonly ApiKeyRejected: readonly ["API_KEY_REJECTED", false];
  readonly ClientRejected: readonly ["CLIENT_REJECTED", false];
  readonly ScopeRejected: readonly ["SCOPE_REJECTED", false];
  readonly GrantRejected: readonly ["GRANT_REJECTED", false];
  readonly GrantLost: readonly ["GRANT_LOST", false];
  readonly GrantMissing: readonly ["GRANT_MISSING", false];
  readonly CredentialSourceFailed: readonly ["CREDENTIAL_SOURCE_FAILED", true];
  readonly CredentialMisused: readonly ["CREDENTIAL_MISUSED", false];
  readonly TokenExpired: readonly ["TOKEN_EXPIRED", true];
  readonly TokenInvalid: readonly ["TOKEN_INVALID", false];
  readonly TokenMissing: readonly ["TOKEN_MISSING", false];
  readonly Forbidden: readonly ["FORBIDDEN", false];
  readonly RateLimited: readonly ["RATE_LIMITED", true];
  readonly TokenRequestLimited: readonly ["TOKEN_REQUEST_LIMITED", true];
  readonly IssuerUnavailable: readonly ["ISSUER_UNAVAILABLE", true];
  readonly TokenResponseInvalid: readonly ["TOKEN_RESPONSE_INVALID", false];
  readonly OriginNotAllowed: readonly ["ORIGIN_NOT_ALLOWED", false];
  readonly RedirectRefused: readonly ["REDIRECT_REFUSED", false];
  readonly InsecureOrigin: readonly ["INSECURE_ORIGIN", false];
  readonly TransportFailed: readonly ["TRANSPORT_FAILED", true];
  readonly ResponseInvalid: readonly ["RESPONSE_INVALID", false];
  readonly ApiError: readonly ["API_ERROR", false];
  readonly StorageFailed: readonly ["STORAGE_FAILED", true];
  readonly LeaseTimeout: readonly ["LEASE_TIMEOUT", true];
  readonly StorageInsecure: readonly ["STORAGE_INSECURE", false];
  readonly ConfigInvalid: readonly ["CONFIG_INVALID", false];
  readonly Disposed: readonly ["DISPOSED", false];
};
type CodeOf<Tag extends ReasonTag> = (typeof taxonomy)[Tag][0];
type TokenkeepErrorCode = CodeOf<ReasonTag>;
type ReasonOf<Tag extends ReasonTag> = Extract<TokenkeepErrorReason, {
  readonly _tag: Tag;
}>;
interface ErrorFields<Tag extends ReasonTag> extends Error {
  readonly _tag: "TokenkeepError";
  readonly code: CodeOf<Tag>;
  readonly reason: ReasonOf<Tag>;
  readonly retryAt: ReasonOf<Tag> extends {
    readonly retryAt: number;
  } ? number : undefined;
  readonly message: string;
  readonly fix: string;
  readonly docs: string;
  readonly retryable: boolean;
  readonly cause?: unknown;
}
interface ErrorOf<Tag extends ReasonTag> extends Cause.YieldableError, ErrorFields<Tag> {
  readonly message: string;
  readonly cause?: unknown;
}
interface Wording {
  readonly what: string;
  readonly fix: string;
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}
type TokenkeepError = { readonly [Tag in ReasonTag]: ErrorOf<Tag>; }[ReasonTag];
declare const TokenkeepError: {
  new (fields: never): TokenkeepError;
  readonly prototype: TokenkeepError;
  [Symbol.hasInstance](value: unknown): value is TokenkeepError;
  of<Tag extends ReasonTag>(reason: ReasonOf<Tag> & {
    readonly _tag: Tag;
  }, wording: Wording): ErrorOf<Tag>;
};
declare class ApiKey {
  #private;
  readonly name: string;
  private constructor();
  static make(value: string | Redacted.Redacted, options?: {
    readonly name?: string | undefined;
    readonly noun?: string | undefined;
  }): ApiKey;
  reveal(): string;
  equals(other: ApiKey): boolean;
  isIn(text: string): boolean;
  toString(): string;
  toJSON(): string;
}
interface CredentialTerms {
  readonly noun: string;
  readonly option: string;
}
type KeyValue = string | Redacted.Redacted | undefined;
type ApiKeySource = string | Redacted.Redacted | (() => KeyValue | Promise<KeyValue>) | Effect.Effect<KeyValue, unknown>;
type ApiKeySources = ApiKeySource | readonly [ApiKeySource, ApiKeySource];
interface KeySource {
  readonly current: Effect.Effect<ApiKey, TokenkeepError>;
  readonly recent: Effect.Effect<ApiKey, TokenkeepError>;
}
declare const Credentials_base: Context.ServiceClass<Credentials, "@tokenkeep/core/Credentials", {
  readonly sources: readonly [KeySource, ...ReadonlyArray<KeySource>];
  readonly areIn: (value: string) => boolean;
  readonly areInToken: (token: string) => boolean;
  readonly arePartlyIn: (text: string) => boolean;
  readonly prime: Effect.Effect<void>;
}>;
declare class Credentials extends Credentials_base {
  static readonly layer: (sources: ApiKeySources, options?: {
    readonly name?: string | undefined;
    readonly terms?: CredentialTerms | undefined;
  }) => Layer.Layer<Credentials>;
}
type LifetimeSource = "declared" | "jwt" | "observed" | "assumed" | "unknown";
declare class AccessToken {
  #private;
  readonly id: string;
  readonly issuedAt: number;
  readonly expiresAt?: number;
  readonly lifetimeSource: LifetimeSource;
  private constructor();
  static make(value: string, options: AccessTokenOptions): AccessToken;
  static defect(value: string): string | undefined;
  reveal(): string;
  toString(): string;
  toJSON(): string;
}
interface AccessTokenOptions {
  readonly issuedAt: number;
  readonly expiresAt?: number | undefined;
  readonly lifetimeSource?: LifetimeSource | undefined;
  readonly id?: string | undefined;
}
interface EventBase {
  readonly at: number;
}
type RenewalReason = "first" | "expired" | "rejected" | "window";
type RejectionReason = "expired" | "invalid" | "unknown";
type TokenEvent = (EventBase & {
  readonly type: "renewal-started";
  readonly reason: RenewalReason;
  readonly background: boolean;
}) | (EventBase & {
  readonly type: "issued";
  readonly tokenId: string;
  readonly reason: RenewalReason;
  readonly tookMillis: number;
  readonly waited: number;
}) | (EventBase & {
  readonly type: "adopted";
  readonly tokenId: string;
  readonly reason: RenewalReason;
  readonly waited: number;
}) | (EventBase & {
  readonly type: "renewal-failed";
  readonly reason: RenewalReason;
  readonly code: TokenkeepErrorCode;
  readonly background: boolean;
  readonly waited: number;
}) | (EventBase & {
  readonly type: "rejected";
  readonly tokenId: string;
  readonly reason: RejectionReason;
  readonly age: number;
}) | (EventBase & {
  readonly type: "key-rejected";
  readonly key: string;
  readonly retryAt: number;
}) | (EventBase & {
  readonly type: "key-rotated";
  readonly key: string;
}) | (EventBase & {
  readonly type: "token-request-limited";
  readonly retryAt: number;
}) | (EventBase & {
  readonly type: "lease-waited";
  readonly owner: string;
  readonly waitedMillis: number;
}) | (EventBase & {
  readonly type: "storage-degraded";
  readonly operation: string;
  readonly detail: string;
}) | (EventBase & {
  readonly type: "rate-limit-waiting";
  readonly endpoint: string;
  readonly until: number;
}) | (EventBase & {
  readonly type: "record-ignored";
  readonly why: "unreadable" | "sealed";
}) | (EventBase & {
  readonly type: "storage-recovered";
});
interface Rates {
  readonly perSecond?: number | undefined;
  readonly perMinute?: number | undefined;
}
interface ProviderResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly sentToken: boolean;
}
interface RateLimitVerdict {
  readonly _tag: "RateLimited";
  readonly resetAt?: number | undefined;
  readonly limit?: number | undefined;
  readonly remaining?: number | undefined;
}
type TokenVerdict = {
  readonly _tag: "Issued";
  readonly token: string;
  readonly lifetime?: number;
  readonly expiresAt?: number;
  readonly refreshToken?: string;
  readonly refreshTokenLifetime?: number;
} |
{
  readonly _tag: "GrantRejected";
} | {
  readonly _tag: "KeyRejected";
  readonly documented?: boolean;
  readonly reason?: string;
} | RateLimitVerdict |
{
  readonly _tag: "Unavailable";
} |
{
  readonly _tag: "Invalid";
  readonly detail: string;
  readonly fix?: string;
  readonly refreshToken?: string;
};
type Verdict = {
  readonly _tag: "TokenExpired";
} | {
  readonly _tag: "TokenInvalid";
} | {
  readonly _tag: "TokenMissing";
} |
{
  readonly _tag: "Forbidden";
  readonly detail?: string;
  readonly fix?: string;
} | RateLimitVerdict |
{
  readonly _tag: "Other";
};
interface CredentialRejection {
  readonly key: string;
  readonly status: number;
  readonly retryAt: number;
  readonly documented: boolean;
  readonly reason?: string | undefined;
}
type TokenFetch = (input: string | URL, init?: Pick<RequestInit, "method" | "headers" | "body">) => Promise<Response>;
interface RecordNameParts {
  readonly issuer?: string | undefined;
  readonly client?: string | undefined;
  readonly scope?: string | undefined;
  readonly audience?: string | undefined;
  readonly details?: string | undefined;
}
interface ProviderGrant {
  readonly id: string;
  readonly refreshToken?: ApiKeySource | undefined;
  readonly grace?: number | undefined;
  readonly allowVolatile?: boolean | undefined;
}
declare const Provider_base: Context.ServiceClass<Provider, "@tokenkeep/core/Provider", {
  readonly name: string;
  readonly baseUrl: string;
  readonly tokenOrigins?: ReadonlyArray<string> | undefined;
  readonly discoverTokenOrigins?: ((context: {
    readonly fetch: TokenFetch;
  }) => Promise<ReadonlyArray<string>>) | undefined;
  readonly allowInsecureHttp: boolean;
  readonly propagation?: number;
  readonly rates?: Rates;
  readonly recordName?: RecordNameParts | undefined;
  readonly credential?: CredentialTerms | undefined;
  readonly rejectionError?: ((rejection: CredentialRejection) => Extract<TokenkeepError, {
    readonly code: "API_KEY_REJECTED" | "CLIENT_REJECTED" | "SCOPE_REJECTED";
  }>) | undefined;
  readonly grant?: ProviderGrant | undefined;
  readonly requestToken: (apiKey: ApiKey, context: {
    readonly fetch: TokenFetch;
    readonly refreshToken?: string | undefined;
  }) => TokenVerdict | Promise<TokenVerdict>;
  readonly classify: (response: ProviderResponse) => Verdict;
}>;
declare class Provider extends Provider_base {}
interface StoredRecord {
  readonly text: string;
  readonly fence: number;
}
declare const StorageFailure_base: new <A extends Record<string, any> = {}>(args: import("effect/Types").VoidIfEmpty<{ readonly [P in keyof A as P extends "_tag" ? never : P]: A[P]; }>) => import("effect/Cause").YieldableError & {
  readonly _tag: "StorageFailure";
} & Readonly<A>;
declare class StorageFailure extends StorageFailure_base<{
  readonly operation: "load" | "save" | "replace" | "remove" | "acquireLease" | "release" | "watch";
  readonly detail: string;
  readonly insecure?: boolean;
  readonly retryable?: boolean;
}> {}
interface StorageCapabilities {
  readonly durable: boolean;
  readonly shared: boolean;
  readonly acquireLease: boolean;
  readonly watch: boolean;
  readonly exclusive?: boolean | undefined;
}
interface LeaseRequest {
  readonly owner: string;
  readonly millis: number;
}
interface Lease {
  readonly _tag: "Lease";
  readonly fence: number;
  readonly owner?: string | undefined;
  readonly release: Effect.Effect<void, StorageFailure>;
}
interface LeaseTaken {
  readonly _tag: "LeaseTaken";
  readonly owner: string;
  readonly fence: number;
  readonly left: number;
}
interface ExclusiveRecord {
  readonly version: string;
  readonly text: string;
}
interface ExclusiveChange {
  readonly record: ExclusiveRecord;
  readonly expected: string | undefined;
  readonly fence?: number | undefined;
}
interface ExclusiveRecords {
  readonly load: (name: string) => Effect.Effect<ExclusiveRecord | undefined, StorageFailure>;
  readonly replace: (name: string, change: ExclusiveChange) => Effect.Effect<boolean, StorageFailure>;
}
declare const TokenStorage_base: Context.ServiceClass<TokenStorage, "@tokenkeep/core/TokenStorage", {
  readonly capabilities: StorageCapabilities;
  readonly load: (name: string) => Effect.Effect<StoredRecord | undefined, StorageFailure>;
  readonly save: (name: string, stored: StoredRecord, quiet?: boolean) => Effect.Effect<boolean, StorageFailure>;
  readonly remove: (name: string) => Effect.Effect<void, StorageFailure>;
  readonly acquireLease?: (name: string, request: LeaseRequest) => Effect.Effect<Lease | LeaseTaken, StorageFailure>;
  readonly watch?: (name: string) => Effect.Effect<Effect.Effect<void>, StorageFailure, Scope.Scope>;
  readonly exclusive?: ExclusiveRecords;
}>;
declare class TokenStorage extends TokenStorage_base {}
interface TransportResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  readonly toResponse: () => Response;
}
declare const Transport_base: Context.ServiceClass<Transport, "@tokenkeep/core/Transport", {
  readonly send: (url: string, init: RequestInit) => Promise<TransportResponse>;
  readonly redirects: "visible" | "hidden";
}>;
declare class Transport extends Transport_base {
  static readonly fromFetch: (send: (url: string, init: RequestInit) => Promise<Response>) => Transport["Service"];
}
type EncryptionKey = string | Uint8Array;
interface StorageOptionsOf<Time> {
  readonly storageTimeout?: Time | undefined;
  readonly storageGrace?: Time | undefined;
  readonly storageFailure?: "degrade" | "require" | undefined;
  readonly encryptionKey?: EncryptionKey | ReadonlyArray<EncryptionKey> | undefined;
}
interface StorageOptions extends StorageOptionsOf<Duration.Input> {
  readonly fallbackStorage?: Layer.Layer<TokenStorage> | undefined;
}
interface TokenRequestOptionsOf<Time> {
  readonly deadline?: Time | undefined;
  readonly tries?: number | undefined;
  readonly maxBody?: number | undefined;
}
interface TokenRequestLimitOptionsOf<Time> {
  readonly tokenRequest?: TokenRequestOptionsOf<Time> | undefined;
  readonly maxWait?: Time | undefined;
  readonly budget?: {
    readonly burst?: number | undefined;
    readonly perSecond?: number | undefined;
  } | undefined;
  readonly keyCooldown?: {
    readonly initial?: Time | undefined;
    readonly max?: Time | undefined;
  } | undefined;
}
interface RenewalOptionsOf<Time> {
  readonly window?: Time | undefined;
  readonly maxWindow?: Time | undefined;
  readonly jitter?: number | undefined;
  readonly assumedLifetime?: Time | undefined;
}
interface TokenManagerOptionsOf<Time> extends TokenRequestLimitOptionsOf<Time>, StorageOptionsOf<Time> {
  readonly renewal?: RenewalOptionsOf<Time> | undefined;
  readonly onTokenEvent?: ((event: TokenEvent) => void) | undefined;
  readonly waitUntil?: ((promise: Promise<void>) => void) | undefined;
}
interface TokenManagerOptions extends TokenManagerOptionsOf<Duration.Input>, StorageOptions {}
interface GrantStatus {
  readonly id: string;
  readonly state: "ok" | "exchanging" | "rejected" | "lost";
  readonly generation: number;
  readonly since: number;
  readonly refreshTokenExpiresAt?: number | undefined;
}
interface TokenStatus {
  readonly state: "empty" | "fresh" | "renewing" | "degraded" | "key-rejected" | "disposed";
  readonly token?: {
    readonly id: string;
    readonly issuedAt: number;
    readonly age: number;
    readonly expiresAt?: number;
    readonly lifetimeSource: LifetimeSource;
  };
  readonly nextRenewalAt?: number;
  readonly lastError?: {
    readonly code: TokenkeepErrorCode;
    readonly message: string;
    readonly at: number;
  };
  readonly storage: StorageCapabilities & {
    readonly state: "unused" | "ok" | "degraded";
  };
  readonly lease: {
    readonly state: "none" | "held" | "waiting";
    readonly owner?: string;
  };
  readonly grant?: GrantStatus | undefined;
}
declare const TokenManager_base: Context.ServiceClass<TokenManager, "@tokenkeep/core/TokenManager", {
  readonly get: Effect.Effect<AccessToken, TokenkeepError>;
  readonly peek: () => AccessToken | undefined;
  readonly cached: () => AccessToken | undefined;
  readonly reject: (token: AccessToken | string, how?: RejectionReason) => Effect.Effect<void>;
  readonly propagated: (token: AccessToken) => Effect.Effect<void, TokenkeepError>;
  readonly retryKey: () => void;
  readonly replaceGrant: (refreshToken: string | Redacted.Redacted) => Effect.Effect<void, TokenkeepError>;
  readonly status: () => TokenStatus;
  readonly isDisposed: () => boolean;
  readonly ended: Effect.Effect<never, TokenkeepError>;
}>;
declare class TokenManager extends TokenManager_base {
  static readonly layer: (options?: TokenManagerOptions) => Layer.Layer<TokenManager, TokenkeepError, Provider | Credentials | Transport | TokenStorage>;
}
interface AuthorizedClientOptions {
  readonly redirects?: "strip" | "refuse" | undefined;
  readonly replayBodyLimit?: number | undefined;
}
interface FetchOptions {
  readonly ownAuthorization?: "respect" | "replace" | undefined;
  readonly auth?: boolean | undefined;
}
declare const AuthorizedClient_base: Context.ServiceClass<AuthorizedClient, "@tokenkeep/core/AuthorizedClient", {
  readonly baseUrl: string;
  readonly request: (input: string | URL | Request, init?: RequestInit, options?: FetchOptions) => Effect.Effect<Response, TokenkeepError>;
  readonly fetch: typeof globalThis.fetch;
  readonly fetchWith: (options?: FetchOptions) => typeof globalThis.fetch;
  readonly explain: (response: Response) => Effect.Effect<TokenkeepError | undefined>;
  readonly holdsSecret: (value: string) => boolean;
}>;
declare class AuthorizedClient extends AuthorizedClient_base {
  static readonly layer: (options?: AuthorizedClientOptions) => Layer.Layer<AuthorizedClient, TokenkeepError, Provider | Credentials | TokenManager | Transport>;
}
declare const layerKeep: ({ baseUrl, fetch }: {
  readonly baseUrl: string;
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}) => Layer.Layer<HttpClient.HttpClient>;
export declare const AuthorizedHttpClient: {
  layer: Layer.Layer<HttpClient.HttpClient, never, AuthorizedClient>;
  layerKeep: typeof layerKeep;
};
export {};
