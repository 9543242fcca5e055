// @tokenkeep/core

import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
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
type AuthErrorReason = {
  readonly _tag: "ApiKeyMissing";
} | {
  readonly _tag: "ApiKeyMalformed";
} | {
  readonly _tag: "ApiKeyRejected";
  readonly retryAt: number;
} | {
  readonly _tag: "ApiKeySourceFailed";
} | {
  readonly _tag: "ApiKeyMisused";
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
  readonly _tag: "IssueBudgetExceeded";
  readonly retryAt: number;
} | {
  readonly _tag: "IssuerUnavailable";
} | {
  readonly _tag: "IssueResponseInvalid";
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
declare const taxonomy: {
  readonly ApiKeyMissing: readonly ["API_KEY_MISSING", false];
  readonly ApiKeyMalformed: readonly ["API_KEY_MALFORMED", false];
  readonly ApiKeyRejected: readonly ["API_KEY_REJECTED", false];
  readonly ApiKeySourceFailed: readonly ["API_KEY_SOURCE_FAILED", true];
  readonly ApiKeyMisused: readonly ["API_KEY_MISUSED", false];
  readonly TokenExpired: readonly ["TOKEN_EXPIRED", true];
  readonly TokenInvalid: readonly ["TOKEN_INVALID", false];
  readonly TokenMissing: readonly ["TOKEN_MISSING", false];
  readonly Forbidden: readonly ["FORBIDDEN", false];
  readonly RateLimited: readonly ["RATE_LIMITED", true];
  readonly IssueBudgetExceeded: readonly ["ISSUE_BUDGET_EXCEEDED", true];
  readonly IssuerUnavailable: readonly ["ISSUER_UNAVAILABLE", true];
  readonly IssueResponseInvalid: readonly ["ISSUE_RESPONSE_INVALID", false];
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
type AuthErrorCode = (typeof taxonomy)[AuthErrorReason["_tag"]][0];
export declare const authErrorCodes: ReadonlyArray<AuthErrorCode>;
interface AuthErrorFields {
  readonly code: AuthErrorCode;
  readonly reason: AuthErrorReason;
  readonly message: string;
  readonly fix: string;
  readonly docs: string;
  readonly retryable: boolean;
  readonly retryAt?: number;
  readonly cause?: unknown;
}
declare const AuthError_base: new <A extends Record<string, any> = {}>(args: import("effect/Types").VoidIfEmpty<{ readonly [P in keyof A as P extends "_tag" ? never : P]: A[P]; }>) => import("effect/Cause").YieldableError & {
  readonly _tag: "AuthError";
} & Readonly<A>;
export declare class AuthError extends AuthError_base<AuthErrorFields> {
  readonly "~tokenkeep/AuthError" = true;
  static of(reason: AuthErrorReason, said: {
    readonly what: string;
    readonly fix: string;
    readonly cause?: unknown;
  }): AuthError;
}
export declare const isAuthError: (u: unknown) => u is AuthError;
export declare class ApiKey {
  #private;
  readonly name: string;
  private constructor();
  static make(value: string | Redacted.Redacted, options?: {
    readonly name?: string;
  }): ApiKey;
  reveal(): string;
  equals(other: ApiKey): boolean;
  isIn(text: string): boolean;
  toString(): string;
  toJSON(): string;
}
type KeyAnswer = string | Redacted.Redacted | undefined;
type ApiKeySource = string | Redacted.Redacted | (() => KeyAnswer | Promise<KeyAnswer>) | Effect.Effect<KeyAnswer, unknown>;
type ApiKeySources = ApiKeySource | readonly [ApiKeySource, ApiKeySource];
interface KeySource {
  readonly current: Effect.Effect<ApiKey, AuthError>;
  readonly recent: Effect.Effect<ApiKey, AuthError>;
}
declare const Credentials_base: Context.ServiceClass<Credentials, "@tokenkeep/core/Credentials", {
  readonly sources: readonly [KeySource, ...ReadonlyArray<KeySource>];
  readonly areIn: (text: string) => boolean;
  readonly prime: Effect.Effect<void>;
}>;
export declare class Credentials extends Credentials_base {
  static readonly layer: (sources: ApiKeySources, options?: {
    readonly name?: string | undefined;
  }) => Layer.Layer<Credentials>;
}
interface FetchOptions {
  readonly ownAuthorization?: "respect" | "replace" | undefined;
  readonly auth?: boolean | undefined;
}
interface Limit {
  readonly count: number;
  readonly millis: number;
}
interface Rates {
  readonly perSecond?: number | undefined;
  readonly perMinute?: number | undefined;
}
interface ApiClientOptions {
  readonly rateLimits?: boolean | Rates | undefined;
  readonly patience?: Duration.Input | undefined;
}
export declare const apiSettings: (options: ApiClientOptions, rates: Rates | undefined) => {
  limits: readonly Limit[];
  patience: number;
};
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly sentToken: boolean;
}
interface RateLimitAnswer {
  readonly _tag: "RateLimited";
  readonly resetAt?: number | undefined;
  readonly limit?: number | undefined;
  readonly remaining?: number | undefined;
}
type IssueVerdict = {
  readonly _tag: "Issued";
  readonly token: string;
  readonly lifetime?: number;
  readonly expiresAt?: number;
} |
{
  readonly _tag: "KeyRejected";
  readonly documented?: boolean;
} | RateLimitAnswer |
{
  readonly _tag: "Unavailable";
} |
{
  readonly _tag: "Invalid";
  readonly detail: string;
};
type Verdict = {
  readonly _tag: "TokenExpired";
} | {
  readonly _tag: "TokenInvalid";
} | {
  readonly _tag: "TokenMissing";
} | {
  readonly _tag: "Forbidden";
} | RateLimitAnswer |
{
  readonly _tag: "Other";
};
interface IssueRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}
declare const Provider_base: Context.ServiceClass<Provider, "@tokenkeep/core/Provider", {
  readonly name: string;
  readonly baseUrl: string;
  readonly cleartext: boolean;
  readonly propagation?: number;
  readonly rates?: Rates;
  readonly issueRequest: (apiKey: ApiKey) => IssueRequest;
  readonly readToken: (answer: Answer) => IssueVerdict;
  readonly classify: (answer: Answer) => Verdict;
}>;
export declare class Provider extends Provider_base {}
interface EventBase {
  readonly at: number;
}
type RenewalReason = "first" | "expired" | "rejected" | "window" | "rejoin";
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
  readonly code: AuthErrorCode;
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
  readonly type: "budget-exceeded";
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
  readonly type: "record-ignored";
  readonly why: "unreadable" | "sealed";
}) | (EventBase & {
  readonly type: "storage-recovered";
}) | (EventBase & {
  readonly type: "cleartext-proxied";
  readonly origin: string;
}) | (EventBase & {
  readonly type: "events-dropped";
  readonly dropped: number;
});
interface RenewalOptions {
  readonly window?: Duration.Input | undefined;
  readonly maxWindow?: Duration.Input | undefined;
  readonly jitter?: number | undefined;
  readonly assumedLifetime?: Duration.Input | undefined;
}
interface StoredText {
  readonly text: string;
  readonly fence: number;
}
declare const StorageFailure_base: new <A extends Record<string, any> = {}>(args: import("effect/Types").VoidIfEmpty<{ readonly [P in keyof A as P extends "_tag" ? never : P]: A[P]; }>) => import("effect/Cause").YieldableError & {
  readonly _tag: "StorageFailure";
} & Readonly<A>;
export declare class StorageFailure extends StorageFailure_base<{
  readonly operation: "load" | "save" | "remove" | "exclusive" | "release" | "watch";
  readonly detail: string;
  readonly insecure?: boolean;
}> {}
interface StorageCapabilities {
  readonly durable: boolean;
  readonly shared: boolean;
  readonly exclusive: boolean;
  readonly watch: boolean;
}
interface LeaseRequest {
  readonly owner: string;
  readonly millis: number;
}
interface Lease {
  readonly _tag: "Lease";
  readonly fence: number;
  readonly release: Effect.Effect<void, StorageFailure>;
}
interface Held {
  readonly _tag: "Held";
  readonly owner: string;
  readonly fence: number;
  readonly left: number;
}
declare const TokenStorage_base: Context.ServiceClass<TokenStorage, "@tokenkeep/core/TokenStorage", {
  readonly capabilities: StorageCapabilities;
  readonly load: (name: string) => Effect.Effect<StoredText | undefined, StorageFailure>;
  readonly save: (name: string, stored: StoredText) => Effect.Effect<boolean, StorageFailure>;
  readonly remove: (name: string) => Effect.Effect<void, StorageFailure>;
  readonly exclusive?: (name: string, request: LeaseRequest) => Effect.Effect<Lease | Held, StorageFailure>;
  readonly watch?: (name: string) => Effect.Effect<Effect.Effect<void>, StorageFailure, Scope.Scope>;
}>;
export declare class TokenStorage extends TokenStorage_base {}
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
    readonly code: AuthErrorCode;
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
}
interface IssueOptions {
  readonly deadline?: Duration.Input | undefined;
  readonly tries?: number | undefined;
  readonly maxBody?: number | undefined;
}
interface IssuerCareOptions {
  readonly issue?: IssueOptions | undefined;
  readonly patience?: Duration.Input | undefined;
  readonly budget?: {
    readonly burst?: number | undefined;
    readonly perSecond?: number | undefined;
  } | undefined;
  readonly keyCooldown?: {
    readonly initial?: Duration.Input | undefined;
    readonly max?: Duration.Input | undefined;
  } | undefined;
}
type EncryptionKey = string | Uint8Array;
interface StorageOptions {
  readonly storageTimeout?: Duration.Input | undefined;
  readonly storageGrace?: Duration.Input | undefined;
  readonly storageFailure?: "degrade" | "require" | undefined;
  readonly fallbackStorage?: Layer.Layer<TokenStorage> | undefined;
  readonly encryptionKey?: EncryptionKey | ReadonlyArray<EncryptionKey> | undefined;
}
interface TokenManagerOptions extends IssuerCareOptions, StorageOptions {
  readonly renewal?: RenewalOptions | undefined;
  readonly onEvent?: ((event: TokenEvent) => void) | undefined;
}
interface TransportResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  readonly toResponse: () => Response;
}
declare const Transport_base: Context.ServiceClass<Transport, "@tokenkeep/core/Transport", {
  readonly send: (url: string, init: RequestInit) => Promise<TransportResponse>;
  readonly hops: "visible" | "hidden";
}>;
export declare class Transport extends Transport_base {
  static readonly fromFetch: (send: (url: string, init: RequestInit) => Promise<Response>) => Transport["Service"];
}
declare const TokenManager_base: Context.ServiceClass<TokenManager, "@tokenkeep/core/TokenManager", {
  readonly get: Effect.Effect<AccessToken, AuthError>;
  readonly peek: () => AccessToken | undefined;
  readonly reject: (token: AccessToken | string, how?: RejectionReason) => Effect.Effect<void>;
  readonly propagated: (token: AccessToken) => Effect.Effect<void, AuthError>;
  readonly retryKey: () => void;
  readonly status: () => TokenStatus;
  readonly events: () => AsyncIterable<TokenEvent>;
  readonly isDisposed: () => boolean;
  readonly ended: Effect.Effect<never, AuthError>;
}>;
export declare class TokenManager extends TokenManager_base {
  static readonly layer: (options?: TokenManagerOptions) => Layer.Layer<TokenManager, AuthError, Provider | Credentials | Transport | TokenStorage>;
}
interface AuthorizedClientOptions {
  readonly redirects?: "strip" | "refuse" | undefined;
  readonly replayBodyLimit?: number | undefined;
}
declare const AuthorizedClient_base: Context.ServiceClass<AuthorizedClient, "@tokenkeep/core/AuthorizedClient", {
  readonly baseUrl: string;
  readonly request: (input: RequestInfo | URL, init?: RequestInit, options?: FetchOptions) => Effect.Effect<Response, AuthError>;
  readonly fetch: typeof globalThis.fetch;
  readonly fetchWith: (options?: FetchOptions) => typeof globalThis.fetch;
  readonly explain: (response: Response) => Effect.Effect<AuthError | undefined>;
  readonly holdsSecret: (text: string) => boolean;
}>;
export declare class AuthorizedClient extends AuthorizedClient_base {
  static readonly layer: (options?: AuthorizedClientOptions) => Layer.Layer<AuthorizedClient, AuthError, Provider | Credentials | TokenManager | Transport>;
}
interface TokenKeepOptions extends TokenManagerOptions, AuthorizedClientOptions {
  readonly provider: Provider["Service"];
  readonly apiKey: ApiKeySources;
  readonly keyName?: string | undefined;
}
export declare const tokenKeepLayer: (options: TokenKeepOptions) => Layer.Layer<TokenManager | AuthorizedClient, AuthError, Transport | TokenStorage>;
interface CreateTokenKeepOptions extends TokenKeepOptions {
  readonly transport: Layer.Layer<Transport>;
  readonly storage: Layer.Layer<TokenStorage>;
  readonly telemetry?: Layer.Layer<never> | undefined;
}
interface TokenKeep extends AsyncDisposable {
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly fetchWith: (options?: FetchOptions) => typeof globalThis.fetch;
  readonly token: (options?: {
    readonly signal?: AbortSignal | undefined;
  }) => Promise<AccessToken>;
  readonly peek: () => AccessToken | undefined;
  readonly reject: (token: AccessToken | string) => Promise<void>;
  readonly explain: (response: Response) => Promise<AuthError | undefined>;
  readonly run: <A, E>(effect: Effect.Effect<A, E, TokenManager | AuthorizedClient>, options?: {
    readonly signal?: AbortSignal | undefined;
  }) => Promise<A>;
  readonly retryKey: () => void;
  readonly status: () => TokenStatus;
  readonly events: () => AsyncIterable<TokenEvent>;
  readonly dispose: () => Promise<void>;
}
export declare const createTokenKeep: (options: CreateTokenKeepOptions) => TokenKeep;
export declare const readEnvironment: (name: string) => string | undefined;
export declare const apiKeyFromEnvironment: (name: string) => () => string;
export declare const spans: {
  readonly renew: "tokenkeep.renew";
  readonly issue: "tokenkeep.issue";
  readonly load: "tokenkeep.storage.load";
  readonly save: "tokenkeep.storage.save";
  readonly lease: "tokenkeep.storage.lease";
  readonly replay: "tokenkeep.replay";
};
export declare const metrics: {
  readonly issueCalls: "tokenkeep_issue_calls";
  readonly issueMillis: "tokenkeep_issue_millis";
  readonly renewals: "tokenkeep_renewals";
  readonly rejections: "tokenkeep_rejections";
  readonly leaseWaitMillis: "tokenkeep_lease_wait_millis";
  readonly storageFailures: "tokenkeep_storage_failures";
  readonly replays: "tokenkeep_replays";
};
export declare const FallbackStorage: Context.Reference<{
  readonly capabilities: StorageCapabilities;
  readonly load: (name: string) => import("effect/Effect").Effect<StoredText | undefined, StorageFailure>;
  readonly save: (name: string, stored: StoredText) => import("effect/Effect").Effect<boolean, StorageFailure>;
  readonly remove: (name: string) => import("effect/Effect").Effect<void, StorageFailure>;
  readonly exclusive?: (name: string, request: LeaseRequest) => import("effect/Effect").Effect<Lease | Held, StorageFailure>;
  readonly watch?: (name: string) => import("effect/Effect").Effect<import("effect/Effect").Effect<void>, StorageFailure, import("effect/Scope").Scope>;
} | undefined>;
interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}
export declare const challengesIn: (headers: Headers) => ReadonlyArray<Challenge>;
interface ApiCall<A> {
  readonly endpoint: string;
  readonly path: string;
  readonly decode: (body: unknown) => Result.Result<A, string>;
  readonly patient?: boolean;
}
interface ApiClient {
  readonly get: <A>(call: ApiCall<A>) => Effect.Effect<A, AuthError>;
}
export declare const makeApiClient: (options: ApiClientOptions & {
  readonly rates?: Rates | undefined;
  readonly messageOf?: ((text: string) => unknown) | undefined;
}) => Effect.Effect<ApiClient, AuthError, AuthorizedClient | TokenManager>;
export declare const checkBaseUrl: (baseUrl: string, options: {
  readonly option: string;
  readonly cleartext: boolean;
  readonly optIn?: ((url: URL) => string) | undefined;
}) => URL;
export type {
  AccessTokenOptions,
  Answer,
  ApiCall,
  ApiClient,
  ApiClientOptions,
  ApiKeySource,
  ApiKeySources,
  AuthErrorCode,
  AuthErrorReason,
  AuthorizedClientOptions,
  Challenge,
  CreateTokenKeepOptions,
  EncryptionKey,
  FetchOptions,
  Held,
  IssueOptions,
  IssueRequest,
  IssueVerdict,
  IssuerCareOptions,
  KeySource,
  Lease,
  LeaseRequest,
  LifetimeSource,
  RateLimitAnswer,
  Rates,
  RejectionReason,
  RenewalOptions,
  RenewalReason,
  StorageCapabilities,
  StorageOptions,
  StoredText,
  TokenEvent,
  TokenKeep,
  TokenKeepOptions,
  TokenManagerOptions,
  TokenStatus,
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
import * as Duration from "effect/Duration";
import * as Scope from "effect/Scope";
type AuthErrorReason = {
  readonly _tag: "ApiKeyMissing";
} | {
  readonly _tag: "ApiKeyMalformed";
} | {
  readonly _tag: "ApiKeyRejected";
  readonly retryAt: number;
} | {
  readonly _tag: "ApiKeySourceFailed";
} | {
  readonly _tag: "ApiKeyMisused";
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
  readonly _tag: "IssueBudgetExceeded";
  readonly retryAt: number;
} | {
  readonly _tag: "IssuerUnavailable";
} | {
  readonly _tag: "IssueResponseInvalid";
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
declare const taxonomy: {
  readonly ApiKeyMissing: readonly ["API_KEY_MISSING", false];
  readonly ApiKeyMalformed: readonly ["API_KEY_MALFORMED", false];
  readonly ApiKeyRejected: readonly ["API_KEY_REJECTED", false];
  readonly ApiKeySourceFailed: readonly ["API_KEY_SOURCE_FAILED", true];
  readonly ApiKeyMisused: readonly ["API_KEY_MISUSED", false];
  readonly TokenExpired: readonly ["TOKEN_EXPIRED", true];
  readonly TokenInvalid: readonly ["TOKEN_INVALID", false];
  readonly TokenMissing: readonly ["TOKEN_MISSING", false];
  readonly Forbidden: readonly ["FORBIDDEN", false];
  readonly RateLimited: readonly ["RATE_LIMITED", true];
  readonly IssueBudgetExceeded: readonly ["ISSUE_BUDGET_EXCEEDED", true];
  readonly IssuerUnavailable: readonly ["ISSUER_UNAVAILABLE", true];
  readonly IssueResponseInvalid: readonly ["ISSUE_RESPONSE_INVALID", false];
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
type AuthErrorCode = (typeof taxonomy)[AuthErrorReason["_tag"]][0];
interface AuthErrorFields {
  readonly code: AuthErrorCode;
  readonly reason: AuthErrorReason;
  readonly message: string;
  readonly fix: string;
  readonly docs: string;
  readonly retryable: boolean;
  readonly retryAt?: number;
  readonly cause?: unknown;
}
declare const AuthError_base: new <A extends Record<string, any> = {}>(args: import("effect/Types").VoidIfEmpty<{ readonly [P in keyof A as P extends "_tag" ? never : P]: A[P]; }>) => import("effect/Cause").YieldableError & {
  readonly _tag: "AuthError";
} & Readonly<A>;
declare class AuthError extends AuthError_base<AuthErrorFields> {
  readonly "~tokenkeep/AuthError" = true;
  static of(reason: AuthErrorReason, said: {
    readonly what: string;
    readonly fix: string;
    readonly cause?: unknown;
  }): AuthError;
}
declare class ApiKey {
  #private;
  readonly name: string;
  private constructor();
  static make(value: string | Redacted.Redacted, options?: {
    readonly name?: string;
  }): ApiKey;
  reveal(): string;
  equals(other: ApiKey): boolean;
  isIn(text: string): boolean;
  toString(): string;
  toJSON(): string;
}
type KeyAnswer = string | Redacted.Redacted | undefined;
type ApiKeySource = string | Redacted.Redacted | (() => KeyAnswer | Promise<KeyAnswer>) | Effect.Effect<KeyAnswer, unknown>;
type ApiKeySources = ApiKeySource | readonly [ApiKeySource, ApiKeySource];
interface KeySource {
  readonly current: Effect.Effect<ApiKey, AuthError>;
  readonly recent: Effect.Effect<ApiKey, AuthError>;
}
declare const Credentials_base: Context.ServiceClass<Credentials, "@tokenkeep/core/Credentials", {
  readonly sources: readonly [KeySource, ...ReadonlyArray<KeySource>];
  readonly areIn: (text: string) => boolean;
  readonly prime: Effect.Effect<void>;
}>;
declare class Credentials extends Credentials_base {
  static readonly layer: (sources: ApiKeySources, options?: {
    readonly name?: string | undefined;
  }) => Layer.Layer<Credentials>;
}
interface FetchOptions {
  readonly ownAuthorization?: "respect" | "replace" | undefined;
  readonly auth?: boolean | undefined;
}
interface Rates {
  readonly perSecond?: number | undefined;
  readonly perMinute?: number | undefined;
}
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly sentToken: boolean;
}
interface RateLimitAnswer {
  readonly _tag: "RateLimited";
  readonly resetAt?: number | undefined;
  readonly limit?: number | undefined;
  readonly remaining?: number | undefined;
}
type IssueVerdict = {
  readonly _tag: "Issued";
  readonly token: string;
  readonly lifetime?: number;
  readonly expiresAt?: number;
} |
{
  readonly _tag: "KeyRejected";
  readonly documented?: boolean;
} | RateLimitAnswer |
{
  readonly _tag: "Unavailable";
} |
{
  readonly _tag: "Invalid";
  readonly detail: string;
};
type Verdict = {
  readonly _tag: "TokenExpired";
} | {
  readonly _tag: "TokenInvalid";
} | {
  readonly _tag: "TokenMissing";
} | {
  readonly _tag: "Forbidden";
} | RateLimitAnswer |
{
  readonly _tag: "Other";
};
interface IssueRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}
declare const Provider_base: Context.ServiceClass<Provider, "@tokenkeep/core/Provider", {
  readonly name: string;
  readonly baseUrl: string;
  readonly cleartext: boolean;
  readonly propagation?: number;
  readonly rates?: Rates;
  readonly issueRequest: (apiKey: ApiKey) => IssueRequest;
  readonly readToken: (answer: Answer) => IssueVerdict;
  readonly classify: (answer: Answer) => Verdict;
}>;
declare class Provider extends Provider_base {}
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
type RenewalReason = "first" | "expired" | "rejected" | "window" | "rejoin";
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
  readonly code: AuthErrorCode;
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
  readonly type: "budget-exceeded";
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
  readonly type: "record-ignored";
  readonly why: "unreadable" | "sealed";
}) | (EventBase & {
  readonly type: "storage-recovered";
}) | (EventBase & {
  readonly type: "cleartext-proxied";
  readonly origin: string;
}) | (EventBase & {
  readonly type: "events-dropped";
  readonly dropped: number;
});
interface RenewalOptions {
  readonly window?: Duration.Input | undefined;
  readonly maxWindow?: Duration.Input | undefined;
  readonly jitter?: number | undefined;
  readonly assumedLifetime?: Duration.Input | undefined;
}
interface StoredText {
  readonly text: string;
  readonly fence: number;
}
declare const StorageFailure_base: new <A extends Record<string, any> = {}>(args: import("effect/Types").VoidIfEmpty<{ readonly [P in keyof A as P extends "_tag" ? never : P]: A[P]; }>) => import("effect/Cause").YieldableError & {
  readonly _tag: "StorageFailure";
} & Readonly<A>;
declare class StorageFailure extends StorageFailure_base<{
  readonly operation: "load" | "save" | "remove" | "exclusive" | "release" | "watch";
  readonly detail: string;
  readonly insecure?: boolean;
}> {}
interface StorageCapabilities {
  readonly durable: boolean;
  readonly shared: boolean;
  readonly exclusive: boolean;
  readonly watch: boolean;
}
interface LeaseRequest {
  readonly owner: string;
  readonly millis: number;
}
interface Lease {
  readonly _tag: "Lease";
  readonly fence: number;
  readonly release: Effect.Effect<void, StorageFailure>;
}
interface Held {
  readonly _tag: "Held";
  readonly owner: string;
  readonly fence: number;
  readonly left: number;
}
declare const TokenStorage_base: Context.ServiceClass<TokenStorage, "@tokenkeep/core/TokenStorage", {
  readonly capabilities: StorageCapabilities;
  readonly load: (name: string) => Effect.Effect<StoredText | undefined, StorageFailure>;
  readonly save: (name: string, stored: StoredText) => Effect.Effect<boolean, StorageFailure>;
  readonly remove: (name: string) => Effect.Effect<void, StorageFailure>;
  readonly exclusive?: (name: string, request: LeaseRequest) => Effect.Effect<Lease | Held, StorageFailure>;
  readonly watch?: (name: string) => Effect.Effect<Effect.Effect<void>, StorageFailure, Scope.Scope>;
}>;
declare class TokenStorage extends TokenStorage_base {}
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
    readonly code: AuthErrorCode;
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
}
interface IssueOptions {
  readonly deadline?: Duration.Input | undefined;
  readonly tries?: number | undefined;
  readonly maxBody?: number | undefined;
}
interface IssuerCareOptions {
  readonly issue?: IssueOptions | undefined;
  readonly patience?: Duration.Input | undefined;
  readonly budget?: {
    readonly burst?: number | undefined;
    readonly perSecond?: number | undefined;
  } | undefined;
  readonly keyCooldown?: {
    readonly initial?: Duration.Input | undefined;
    readonly max?: Duration.Input | undefined;
  } | undefined;
}
type EncryptionKey = string | Uint8Array;
interface StorageOptions {
  readonly storageTimeout?: Duration.Input | undefined;
  readonly storageGrace?: Duration.Input | undefined;
  readonly storageFailure?: "degrade" | "require" | undefined;
  readonly fallbackStorage?: Layer.Layer<TokenStorage> | undefined;
  readonly encryptionKey?: EncryptionKey | ReadonlyArray<EncryptionKey> | undefined;
}
interface TokenManagerOptions extends IssuerCareOptions, StorageOptions {
  readonly renewal?: RenewalOptions | undefined;
  readonly onEvent?: ((event: TokenEvent) => void) | undefined;
}
interface TransportResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  readonly toResponse: () => Response;
}
declare const Transport_base: Context.ServiceClass<Transport, "@tokenkeep/core/Transport", {
  readonly send: (url: string, init: RequestInit) => Promise<TransportResponse>;
  readonly hops: "visible" | "hidden";
}>;
declare class Transport extends Transport_base {
  static readonly fromFetch: (send: (url: string, init: RequestInit) => Promise<Response>) => Transport["Service"];
}
declare const TokenManager_base: Context.ServiceClass<TokenManager, "@tokenkeep/core/TokenManager", {
  readonly get: Effect.Effect<AccessToken, AuthError>;
  readonly peek: () => AccessToken | undefined;
  readonly reject: (token: AccessToken | string, how?: RejectionReason) => Effect.Effect<void>;
  readonly propagated: (token: AccessToken) => Effect.Effect<void, AuthError>;
  readonly retryKey: () => void;
  readonly status: () => TokenStatus;
  readonly events: () => AsyncIterable<TokenEvent>;
  readonly isDisposed: () => boolean;
  readonly ended: Effect.Effect<never, AuthError>;
}>;
declare class TokenManager extends TokenManager_base {
  static readonly layer: (options?: TokenManagerOptions) => Layer.Layer<TokenManager, AuthError, Provider | Credentials | Transport | TokenStorage>;
}
interface AuthorizedClientOptions {
  readonly redirects?: "strip" | "refuse" | undefined;
  readonly replayBodyLimit?: number | undefined;
}
declare const AuthorizedClient_base: Context.ServiceClass<AuthorizedClient, "@tokenkeep/core/AuthorizedClient", {
  readonly baseUrl: string;
  readonly request: (input: RequestInfo | URL, init?: RequestInit, options?: FetchOptions) => Effect.Effect<Response, AuthError>;
  readonly fetch: typeof globalThis.fetch;
  readonly fetchWith: (options?: FetchOptions) => typeof globalThis.fetch;
  readonly explain: (response: Response) => Effect.Effect<AuthError | undefined>;
  readonly holdsSecret: (text: string) => boolean;
}>;
declare class AuthorizedClient extends AuthorizedClient_base {
  static readonly layer: (options?: AuthorizedClientOptions) => Layer.Layer<AuthorizedClient, AuthError, Provider | Credentials | TokenManager | Transport>;
}
interface TokenKeep extends AsyncDisposable {
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly fetchWith: (options?: FetchOptions) => typeof globalThis.fetch;
  readonly token: (options?: {
    readonly signal?: AbortSignal | undefined;
  }) => Promise<AccessToken>;
  readonly peek: () => AccessToken | undefined;
  readonly reject: (token: AccessToken | string) => Promise<void>;
  readonly explain: (response: Response) => Promise<AuthError | undefined>;
  readonly run: <A, E>(effect: Effect.Effect<A, E, TokenManager | AuthorizedClient>, options?: {
    readonly signal?: AbortSignal | undefined;
  }) => Promise<A>;
  readonly retryKey: () => void;
  readonly status: () => TokenStatus;
  readonly events: () => AsyncIterable<TokenEvent>;
  readonly dispose: () => Promise<void>;
}
declare const layerKeep: ({ baseUrl, fetch }: Pick<TokenKeep, "baseUrl" | "fetch">) => Layer.Layer<HttpClient.HttpClient>;
export declare const AuthorizedHttpClient: {
  layer: Layer.Layer<HttpClient.HttpClient, never, AuthorizedClient>;
  layerKeep: typeof layerKeep;
};
export {};
