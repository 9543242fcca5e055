// tokenkeep

interface FetchTransportOptions {
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
}
declare const kind$2: unique symbol;
interface Transport {
  readonly [kind$2]: "Transport";
}
declare const FetchTransport: {
  layer: (options?: FetchTransportOptions) => Transport;
};
declare const kind$1: unique symbol;
interface Telemetry {
  readonly [kind$1]: "Telemetry";
}
declare const kind: unique symbol;
interface TokenStorage {
  readonly [kind]: "TokenStorage";
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
type TokenkeepErrorFields = { readonly [Tag in ReasonTag]: ErrorFields<Tag>; }[ReasonTag];
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
interface StorageCapabilities {
  readonly durable: boolean;
  readonly shared: boolean;
  readonly acquireLease: boolean;
  readonly watch: boolean;
  readonly exclusive?: boolean | undefined;
}
type EncryptionKey = string | Uint8Array;
interface StorageOptionsOf<Time> {
  readonly storageTimeout?: Time | undefined;
  readonly storageGrace?: Time | undefined;
  readonly storageFailure?: "degrade" | "require" | undefined;
  readonly encryptionKey?: EncryptionKey | ReadonlyArray<EncryptionKey> | undefined;
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
interface AuthorizedClientOptions {
  readonly redirects?: "strip" | "refuse" | undefined;
  readonly replayBodyLimit?: number | undefined;
}
interface FetchOptions {
  readonly ownAuthorization?: "respect" | "replace" | undefined;
  readonly auth?: boolean | undefined;
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
interface TokenPool<Client> extends AsyncDisposable {
  readonly client: (id: string) => Client;
  readonly size: number;
  readonly dispose: () => Promise<void>;
}
type TokenkeepError = TokenkeepErrorFields;
declare const isTokenkeepError: (value: unknown) => value is TokenkeepError;
declare const tokenkeepErrorOf: (error: unknown) => TokenkeepError | undefined;
interface Adapters {
  readonly transport?: Transport | undefined;
  readonly storage?: TokenStorage | undefined;
  readonly fallbackStorage?: TokenStorage | undefined;
  readonly telemetry?: Telemetry | undefined;
}
interface Host {
  readonly name: string;
  readonly baseUrl: string;
  readonly allowInsecureHttp: boolean;
}
declare const cloud: Host;
declare const edge: (address: string, port?: number) => Host;
interface Rates {
  readonly perSecond?: number | undefined;
  readonly perMinute?: number | undefined;
}
interface ApiClientOptionsOf<Time> {
  readonly rateLimits?: boolean | Rates | undefined;
  readonly maxWait?: Time | undefined;
  readonly onTokenEvent?: ((event: TokenEvent) => void) | undefined;
}
type DeeplyLabelId = "sound_level" | "breathing_heavily" | "crying" | "scream_female" | "scream_male" | "aggressive_yell_female" | "aggressive_yell_male" | "normal_speech_female" | "normal_speech_male" | "save_me" | "help_me" | "physical_impacts" | "glass_break" | (string & {});
interface DeeplyLocation {
  readonly latitude: number;
  readonly longitude: number;
}
interface DeeplyEvent {
  readonly id: string;
  readonly label: {
    readonly id: DeeplyLabelId;
    readonly name: {
      readonly ko: string;
      readonly en: string;
    };
  };
  readonly confidence: number;
  readonly mic: {
    readonly id: string;
    readonly name: string;
    readonly location: DeeplyLocation;
  };
  readonly created_at: string;
  readonly updated_at: string;
}
interface Page<Item> {
  readonly page: number;
  readonly size: number;
  readonly total_cnt: number;
  readonly max_page: number;
  readonly results: ReadonlyArray<Item>;
}
interface PageQuery {
  readonly page?: number | undefined;
  readonly size?: number | undefined;
}
interface EventQuery extends PageQuery {
  readonly start?: string | Date | undefined;
  readonly end?: string | Date | undefined;
  readonly mic_id?: string | ReadonlyArray<string> | undefined;
  readonly label_id?: DeeplyLabelId | ReadonlyArray<DeeplyLabelId> | undefined;
}
interface DeeplyMic {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly edge_id: string;
  readonly status: "active" | "inactive";
  readonly thresholds: Readonly<Record<string, number>>;
  readonly location: DeeplyLocation;
  readonly created_at: string;
  readonly updated_at: string;
}
interface MicQuery extends PageQuery {
  readonly name?: string | undefined;
  readonly edge_id?: string | undefined;
}
interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
}
interface Collection<Item, Query> {
  readonly list: (query?: Query, options?: RequestOptions) => Promise<Page<Item>>;
  readonly all: (query?: Query, options?: RequestOptions) => AsyncIterable<Item>;
  readonly get: (id: string, options?: RequestOptions) => Promise<Item>;
}
interface DeeplyCollections {
  readonly events: Collection<DeeplyEvent, EventQuery>;
  readonly mics: Collection<DeeplyMic, MicQuery>;
}
type Duration = number | `${number} ${"milli" | "second" | "minute" | "hour" | "day" | "week"}${"" | "s"}`;
type ApiKeySource = string | (() => string | undefined | Promise<string | undefined>);
type RenewalOptions = RenewalOptionsOf<Duration>;
type TokenRequestOptions = TokenRequestOptionsOf<Duration>;
interface DeeplyOptionsOf<Time, Source> extends TokenManagerOptionsOf<Time>, AuthorizedClientOptions, ApiClientOptionsOf<Time> {
  readonly apiKey?: Source | readonly [Source, Source] | undefined;
  readonly host?: Host | string | URL | undefined;
}
interface DeeplyPromiseOptions extends DeeplyOptionsOf<Duration, ApiKeySource> {}
type ApiKeyOf = (id: string) => string | undefined | Promise<string | undefined>;
interface DeeplyPoolOptionsOf<Time, Source> extends Omit<DeeplyOptionsOf<Time, never>, "apiKey" | "onTokenEvent"> {
  readonly apiKey: Source | readonly [Source, Source];
  readonly maxOpen?: number | undefined;
  readonly onTokenEvent?: ((event: TokenEvent, id: string) => void) | undefined;
}
interface DeeplyPoolPromiseOptions extends DeeplyPoolOptionsOf<Duration, ApiKeyOf> {}
interface CreateDeeplyOptions extends DeeplyPromiseOptions {
  readonly transport?: Transport | undefined;
  readonly storage?: TokenStorage | undefined;
  readonly fallbackStorage?: TokenStorage | undefined;
  readonly telemetry?: Telemetry | undefined;
}
interface DeeplyClient extends PromiseTokenKeep, DeeplyCollections {
  readonly host: Host;
  readonly explain: (response: Response) => Promise<TokenkeepError | undefined>;
}
export declare const createDeeply: (options?: CreateDeeplyOptions) => DeeplyClient;
interface CreateDeeplyPoolOptions extends DeeplyPoolPromiseOptions, Adapters {}
export declare const createDeeplyPool: (options: CreateDeeplyPoolOptions) => TokenPool<DeeplyClient>;
export declare const MemoryStorage: {
  layer: (...none: []) => TokenStorage;
};
export {
  type AccessToken,
  type ApiKeyOf,
  type ApiKeySource,
  type Collection,
  type CreateDeeplyOptions,
  type CreateDeeplyPoolOptions,
  type DeeplyClient,
  type DeeplyCollections,
  type DeeplyEvent,
  type DeeplyLabelId,
  type DeeplyLocation,
  type DeeplyMic,
  type Duration,
  type EncryptionKey,
  type EventQuery,
  type FetchOptions,
  FetchTransport,
  type FetchTransportOptions,
  type GrantStatus,
  type Host,
  type LifetimeSource,
  type MicQuery,
  type Page,
  type PageQuery,
  type Rates,
  type RejectionReason,
  type RenewalOptions,
  type RenewalReason,
  type RequestOptions,
  type StorageCapabilities,
  type Telemetry,
  type TokenEvent,
  type TokenPool,
  type TokenRequestOptions,
  type TokenStatus,
  type TokenStorage,
  type TokenkeepError,
  type TokenkeepErrorCode,
  type TokenkeepErrorReason,
  type Transport,
  cloud,
  edge,
  isTokenkeepError,
  tokenkeepErrorOf
};

// tokenkeep/file

declare const kind: unique symbol;
interface TokenStorage {
  readonly [kind]: "TokenStorage";
}
interface FileStorageOptions {
  readonly directory?: string | undefined;
}
export declare const FileStorage: {
  layer: (options?: FileStorageOptions) => TokenStorage;
};
export type {
  FileStorageOptions
};

// tokenkeep/redis

declare const kind: unique symbol;
interface TokenStorage {
  readonly [kind]: "TokenStorage";
}
interface NodeRedisCommands {
  readonly isOpen: boolean;
  readonly connect: () => Promise<unknown>;
  readonly evalSha: (sha: string, options: NodeRedisScriptOptions) => Promise<unknown>;
  readonly eval: (source: string, options: NodeRedisScriptOptions) => Promise<unknown>;
  readonly on: (event: string, listener: (...args: Array<any>) => void) => unknown;
  readonly off: (event: string, listener: (...args: Array<any>) => void) => unknown;
}
type NodeRedisClient = NodeRedisCommands & ({
  readonly isReady: boolean;
} | {
  readonly nodeClient: (...args: Array<any>) => unknown;
});
interface NodeRedisScriptOptions {
  readonly keys?: Array<string>;
  readonly arguments?: Array<string>;
}
interface IoredisClient {
  readonly status: string;
  readonly isCluster: boolean;
  readonly connect: () => Promise<unknown>;
  readonly evalsha: (sha: string, keys: number, ...args: Array<string>) => Promise<unknown>;
  readonly eval: (source: string, keys: number, ...args: Array<string>) => Promise<unknown>;
  readonly on: (event: string, listener: (...args: Array<any>) => void) => unknown;
  readonly off: (event: string, listener: (...args: Array<any>) => void) => unknown;
}
type RedisClient = NodeRedisClient | IoredisClient;
interface RedisClientStorageOptions {
  readonly prefix?: string | undefined;
}
interface RedisStorageOptions extends RedisClientStorageOptions {
  readonly url: string | URL;
}
export declare const RedisStorage: {
  layer: (options: RedisStorageOptions) => TokenStorage;
  layerClient: (client: RedisClient, options?: RedisClientStorageOptions) => TokenStorage;
};
export type {
  IoredisClient,
  NodeRedisClient,
  NodeRedisScriptOptions,
  RedisClient,
  RedisClientStorageOptions,
  RedisStorageOptions
};

// tokenkeep/ky

import { KyInstance, Options } from "ky";
declare const kind: unique symbol;
interface Transport {
  readonly [kind]: "Transport";
}
declare const authorizedKy$1: (client: {
  readonly baseUrl: string;
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}, options?: Omit<Options, "fetch">) => KyInstance;
interface KyTransportOptions {
  readonly ky?: KyInstance | undefined;
}
export declare const KyTransport: {
  layer: (options?: KyTransportOptions) => Transport;
};
export declare const authorizedKy: (client: Parameters<typeof authorizedKy$1>[0], options?: Omit<Options, "fetch">) => KyInstance;
export type {
  KyTransportOptions
};

// tokenkeep/undici

import { Dispatcher } from "undici";
declare const kind: unique symbol;
interface Transport {
  readonly [kind]: "Transport";
}
interface UndiciTransportOptions {
  readonly dispatcher?: Dispatcher | undefined;
  readonly decode?: boolean | undefined;
}
export declare const UndiciTransport: {
  layer: (options?: UndiciTransportOptions) => Transport;
};
export type {
  UndiciTransportOptions
};

// tokenkeep/oauth2

declare const kind$2: unique symbol;
interface Transport {
  readonly [kind$2]: "Transport";
}
declare const kind$1: unique symbol;
interface Telemetry {
  readonly [kind$1]: "Telemetry";
}
declare const kind: unique symbol;
interface TokenStorage {
  readonly [kind]: "TokenStorage";
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
type TokenkeepErrorFields = { readonly [Tag in ReasonTag]: ErrorFields<Tag>; }[ReasonTag];
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
interface StorageCapabilities {
  readonly durable: boolean;
  readonly shared: boolean;
  readonly acquireLease: boolean;
  readonly watch: boolean;
  readonly exclusive?: boolean | undefined;
}
type EncryptionKey = string | Uint8Array;
interface StorageOptionsOf<Time> {
  readonly storageTimeout?: Time | undefined;
  readonly storageGrace?: Time | undefined;
  readonly storageFailure?: "degrade" | "require" | undefined;
  readonly encryptionKey?: EncryptionKey | ReadonlyArray<EncryptionKey> | undefined;
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
interface AuthorizedClientOptions {
  readonly redirects?: "strip" | "refuse" | undefined;
  readonly replayBodyLimit?: number | undefined;
}
interface FetchOptions {
  readonly ownAuthorization?: "respect" | "replace" | undefined;
  readonly auth?: boolean | undefined;
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
interface TokenPool<Client> extends AsyncDisposable {
  readonly client: (id: string) => Client;
  readonly size: number;
  readonly dispose: () => Promise<void>;
}
type TokenkeepError = TokenkeepErrorFields;
interface Adapters {
  readonly transport?: Transport | undefined;
  readonly storage?: TokenStorage | undefined;
  readonly fallbackStorage?: TokenStorage | undefined;
  readonly telemetry?: Telemetry | undefined;
}
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
export interface CreateOAuth2Options extends OAuth2PromiseOptions {
  readonly transport?: Transport | undefined;
  readonly storage?: TokenStorage | undefined;
  readonly fallbackStorage?: TokenStorage | undefined;
  readonly telemetry?: Telemetry | undefined;
}
export interface OAuth2Client extends PromiseTokenKeep {
  readonly explain: (response: Response) => Promise<TokenkeepError | undefined>;
  readonly replaceGrant: (refreshToken: string) => Promise<void>;
}
export declare const createOAuth2: (options: CreateOAuth2Options) => OAuth2Client;
export interface CreateOAuth2PoolOptions extends OAuth2PoolPromiseOptions, Adapters {}
export declare const createOAuth2Pool: (options: CreateOAuth2PoolOptions) => TokenPool<OAuth2Client>;
export type {
  ById,
  ClientAuthenticationMethod,
  ClientSecretSource,
  Duration,
  GrantStatus,
  OAuth2Grant,
  OAuth2PoolGrant,
  PrivateJwk,
  PrivateKey,
  PrivateKeySource,
  SigningKey,
  TokenPool,
  TokenRequestParameters
};

// tokenkeep/opentelemetry

declare const kind: unique symbol;
interface Telemetry {
  readonly [kind]: "Telemetry";
}
export declare const OpenTelemetry: {
  layer: () => Telemetry;
};
export {};

// tokenkeep/testing

interface Host {
  readonly name: string;
  readonly baseUrl: string;
  readonly allowInsecureHttp: boolean;
}
type AuthorizationKind = "api-key" | "access-token" | "other" | "none";
interface SampleLocation {
  readonly latitude: number;
  readonly longitude: number;
}
interface SampleEvent {
  readonly id: string;
  readonly label: {
    readonly id: string;
    readonly name: {
      readonly ko: string;
      readonly en: string;
    };
  };
  readonly confidence: number;
  readonly mic: {
    readonly id: string;
    readonly name: string;
    readonly location: SampleLocation;
  };
  readonly created_at: string;
  readonly updated_at: string;
}
interface FakeDeeplyOptions {
  readonly now?: () => number;
  readonly tokenLifetime?: number;
  readonly jwt?: boolean;
  readonly voidPrevious?: boolean;
  readonly latency?: number;
  readonly tokenRequestLatency?: number;
  readonly rateLimits?: boolean | {
    readonly perSecond?: number;
    readonly perMinute?: number;
  };
  readonly events?: number | readonly SampleEvent[];
  readonly seed?: number;
  readonly apiKey?: string;
}
interface FaultScope {
  readonly on?: "token-request" | "general" | "any" | `/${string}`;
  readonly times?: number;
  readonly delay?: number;
  readonly before?: () => void | Promise<void>;
}
type FaultBody = string | number | boolean | null | object;
interface RespondFault {
  readonly status: number;
  readonly body?: FaultBody;
  readonly headers?: RequestInit["headers"];
}
interface ResetFault {
  readonly reset: true;
}
interface HangFault {
  readonly hang: true;
}
interface EndlessFault {
  readonly endless: true;
  readonly status?: number;
  readonly headers?: RequestInit["headers"];
  readonly chunk?: number;
  readonly interval?: number;
}
interface BytesFault {
  readonly bytes: number;
  readonly status?: number;
  readonly headers?: RequestInit["headers"];
}
interface RedirectFault {
  readonly redirect: string;
  readonly status?: 301 | 302 | 303 | 307 | 308;
}
interface DropAuthorizationFault {
  readonly dropAuthorization: true;
}
type KeysOf<Kinds> = Kinds extends unknown ? keyof Kinds : never;
type OnlyOne<Kinds, Keys extends PropertyKey = KeysOf<Kinds>> = Kinds extends unknown ? Kinds & { readonly [Key in Exclude<Keys, keyof Kinds>]?: never; } : never;
interface PassFault {
  readonly status?: never;
}
type Fault = FaultScope & OnlyOne<PassFault | RespondFault | ResetFault | HangFault | EndlessFault | BytesFault | RedirectFault | DropAuthorizationFault>;
interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number | undefined;
  readonly authorization: AuthorizationKind;
  readonly bodyBytes: number;
  readonly bodyText: string;
}
interface FakeDeeplyStats {
  readonly tokenRequests: number;
  readonly issued: number;
  readonly maxConcurrentTokenRequests: number;
  readonly tokenRequestsWithAccessToken: number;
  readonly requests: number;
  readonly unauthorized: number;
  readonly replays: number;
  readonly apiKeyLeaks: number;
  readonly byStatus: Readonly<Record<number, number>>;
  readonly faultsLeft: number;
  readonly log: readonly LoggedRequest[];
}
interface FakeDeeply {
  readonly handle: (request: Request) => Promise<Response>;
  readonly apiKey: string;
  readonly stats: FakeDeeplyStats;
  expireTokens(): void;
  revokeTokens(): void;
  revokeKey(): void;
  rotateKey(): string;
  script(faults: readonly Fault[]): void;
  clearScript(): void;
}
export declare const createFakeDeeply: (options?: FakeDeeplyOptions) => FakeDeeply;
interface StartFakeDeeplyOptions extends FakeDeeplyOptions {
  readonly port?: number;
}
interface RunningFakeDeeply extends FakeDeeply, AsyncDisposable {
  readonly url: string;
  readonly host: Host;
  close(): Promise<void>;
}
export declare const startFakeDeeply: (options?: StartFakeDeeplyOptions) => Promise<RunningFakeDeeply>;
export type {
  AuthorizationKind,
  BytesFault,
  DropAuthorizationFault,
  EndlessFault,
  FakeDeeply,
  FakeDeeplyOptions,
  FakeDeeplyStats,
  Fault,
  FaultBody,
  FaultScope,
  HangFault,
  LoggedRequest,
  RedirectFault,
  ResetFault,
  RespondFault,
  RunningFakeDeeply,
  SampleEvent,
  SampleLocation,
  StartFakeDeeplyOptions
};
