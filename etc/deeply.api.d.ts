// @tokenkeep/deeply

import { ApiClientOptionsOf, ApiKeySource as ApiKeySource$1, AuthorizedClient, AuthorizedClientOptions, CreateTokenKeepOptions, CreateTokenKeepPoolOptions, EffectPool, Provider, RenewalOptionsOf, TokenEvent, TokenKeep, TokenKeepOptions, TokenManager, TokenManagerOptionsOf, TokenPool, TokenPool as TokenPool$1, TokenRequestOptionsOf, TokenStorage, TokenkeepError, TokenkeepError as TokenkeepError$1, Transport, isTokenkeepError } from "@tokenkeep/core";
import * as Duration$1 from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Redacted from "effect/Redacted";
import * as Context from "effect/Context";
import * as Layer from "effect/Layer";
import * as Stream from "effect/Stream";
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
interface Host {
  readonly name: string;
  readonly baseUrl: string;
  readonly allowInsecureHttp: boolean;
}
export declare const cloud: Host;
export declare const edge: (address: string, port?: number) => Host;
export declare const hostOf: (host?: Host | string | URL) => Host;
type Duration = number | `${number} ${"milli" | "second" | "minute" | "hour" | "day" | "week"}${"" | "s"}`;
type ApiKeySource = string | (() => string | undefined | Promise<string | undefined>);
type RenewalOptions = RenewalOptionsOf<Duration>;
type TokenRequestOptions = TokenRequestOptionsOf<Duration>;
interface DeeplyOptionsOf<Time, Source> extends TokenManagerOptionsOf<Time>, AuthorizedClientOptions, ApiClientOptionsOf<Time> {
  readonly apiKey?: Source | readonly [Source, Source] | undefined;
  readonly host?: Host | string | URL | undefined;
}
interface DeeplyPromiseOptions extends DeeplyOptionsOf<Duration, ApiKeySource> {}
interface DeeplyOptions extends DeeplyOptionsOf<Duration$1.Input, ApiKeySource$1>, Pick<TokenKeepOptions, "fallbackStorage"> {}
interface CreateDeeplyOptions extends DeeplyOptions {
  readonly transport?: CreateTokenKeepOptions["transport"] | undefined;
  readonly storage?: CreateTokenKeepOptions["storage"] | undefined;
  readonly telemetry?: CreateTokenKeepOptions["telemetry"];
}
interface DeeplyClient extends TokenKeep, DeeplyCollections {
  readonly host: Host;
}
export declare const createDeeply: (options?: CreateDeeplyOptions) => DeeplyClient;
type ApiKeyOf = (id: string) => string | undefined | Promise<string | undefined>;
interface DeeplyPoolOptionsOf<Time, Source> extends Omit<DeeplyOptionsOf<Time, never>, "apiKey" | "onTokenEvent"> {
  readonly apiKey: Source | readonly [Source, Source];
  readonly maxOpen?: number | undefined;
  readonly onTokenEvent?: ((event: TokenEvent, id: string) => void) | undefined;
}
interface DeeplyPoolPromiseOptions extends DeeplyPoolOptionsOf<Duration, ApiKeyOf> {}
type EffectApiKeyOf = ApiKeyOf | ((id: string) => Redacted.Redacted | Promise<Redacted.Redacted | undefined> | undefined) | ((id: string) => Effect.Effect<string | Redacted.Redacted | undefined, unknown>);
interface DeeplyPoolOptions extends DeeplyPoolOptionsOf<Duration$1.Input, EffectApiKeyOf>, Pick<DeeplyOptions, "fallbackStorage"> {}
interface CreateDeeplyPoolOptions extends DeeplyPoolOptions {
  readonly transport?: CreateTokenKeepPoolOptions["transport"] | undefined;
  readonly storage?: CreateTokenKeepPoolOptions["storage"] | undefined;
  readonly telemetry?: CreateTokenKeepPoolOptions["telemetry"];
}
export declare const createDeeplyPool: (options: CreateDeeplyPoolOptions) => TokenPool$1<DeeplyClient>;
interface EffectCollection<Item, Query> {
  readonly list: (query?: Query) => Effect.Effect<Page<Item>, TokenkeepError$1>;
  readonly all: (query?: Query) => Stream.Stream<Item, TokenkeepError$1>;
  readonly get: (id: string) => Effect.Effect<Item, TokenkeepError$1>;
}
type Services = Deeply | TokenManager | AuthorizedClient;
declare const Deeply_base: Context.ServiceClass<Deeply, "@tokenkeep/deeply/Deeply", {
  readonly host: Host;
  readonly events: EffectCollection<DeeplyEvent, EventQuery>;
  readonly mics: EffectCollection<DeeplyMic, MicQuery>;
  readonly request: AuthorizedClient["Service"]["request"];
  readonly fetch: typeof globalThis.fetch;
}>;
export declare class Deeply extends Deeply_base {
  static readonly layer: (options?: DeeplyOptions) => Layer.Layer<Services, TokenkeepError$1, Transport | TokenStorage>;
  static readonly layerDefault: (options?: DeeplyOptions) => Layer.Layer<Services, TokenkeepError$1>;
}
declare const DeeplyPool_base: Context.ServiceClass<DeeplyPool, "@tokenkeep/deeply/DeeplyPool", EffectPool & {
  readonly client: (id: string) => Deeply["Service"];
}>;
export declare class DeeplyPool extends DeeplyPool_base {
  static readonly layer: (options: DeeplyPoolOptions) => Layer.Layer<DeeplyPool, TokenkeepError$1, Transport | TokenStorage>;
  static readonly layerDefault: (options: DeeplyPoolOptions) => Layer.Layer<DeeplyPool, TokenkeepError$1>;
}
export declare const deeplyProvider: (host: Host) => Provider["Service"];
export {
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
  type DeeplyOptions,
  type DeeplyPoolOptions,
  type DeeplyPoolPromiseOptions,
  type DeeplyPromiseOptions,
  type Duration,
  type EffectApiKeyOf,
  type EffectCollection,
  type EventQuery,
  type Host,
  type MicQuery,
  type Page,
  type PageQuery,
  type RenewalOptions,
  type RequestOptions,
  type TokenPool,
  type TokenRequestOptions,
  TokenkeepError,
  isTokenkeepError
};

// @tokenkeep/deeply/testing

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
interface Host {
  readonly name: string;
  readonly baseUrl: string;
  readonly allowInsecureHttp: boolean;
}
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
