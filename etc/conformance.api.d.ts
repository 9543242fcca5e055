// @tokenkeep/conformance

import * as Effect from "effect/Effect";
import * as Scope from "effect/Scope";
import { Answer, ApiKey, Held, Lease, LeaseRequest, Provider, StorageCapabilities, StorageFailure, TokenStorage } from "@tokenkeep/core";
import * as Layer from "effect/Layer";
declare const LawBroken_base: new <A extends Record<string, any> = {}>(args: import("effect/Types").VoidIfEmpty<{ readonly [P in keyof A as P extends "_tag" ? never : P]: A[P]; }>) => import("effect/Cause").YieldableError & {
  readonly _tag: "LawBroken";
} & Readonly<A>;
export declare class LawBroken extends LawBroken_base<{
  readonly reason: string;
}> {
  get message(): string;
}
interface Law<Bench> {
  readonly id: string;
  readonly guarantees: ReadonlyArray<string>;
  readonly statement: string;
  readonly needs: ReadonlyArray<string>;
  readonly check: (bench: Bench) => Effect.Effect<void, unknown, Scope.Scope>;
}
interface Subject<Bench> {
  readonly title: string;
  readonly laws: ReadonlyArray<Law<Bench>>;
  readonly offers: ReadonlySet<string>;
  readonly bench: Effect.Effect<Bench, unknown, Scope.Scope>;
  readonly clock: "live" | "test";
  readonly deadline: number;
}
type Outcome = {
  readonly _tag: "Kept";
} | {
  readonly _tag: "Broken";
  readonly reason: string;
} | {
  readonly _tag: "NotOffered";
  readonly lacking: ReadonlyArray<string>;
};
interface Finding {
  readonly law: Pick<Law<never>, "id" | "guarantees" | "statement" | "needs">;
  readonly outcome: Outcome;
  readonly millis: number;
}
interface Report {
  readonly title: string;
  readonly findings: ReadonlyArray<Finding>;
  readonly kept: boolean;
}
export declare const lawsFor: <Bench>(subject: Subject<Bench>) => ReadonlyArray<Law<Bench>>;
export declare const checkLaw: <Bench>(law: Law<Bench>, subject: Subject<Bench>) => Effect.Effect<undefined, LawBroken, never>;
export declare const runLaws: <Bench>(subject: Subject<Bench>, { concurrency }?: {
  readonly concurrency?: number | undefined;
}) => Effect.Effect<Report>;
export declare const formatReport: (report: Report) => string;
type Service = TokenStorage["Service"];
interface OpenStorage {
  readonly service: Service;
  readonly load: Service["load"];
  readonly save: Service["save"];
  readonly remove: Service["remove"];
  readonly exclusive: (name: string, request: LeaseRequest) => Effect.Effect<Lease | Held, StorageFailure | LawBroken>;
  readonly watch: (name: string) => Effect.Effect<Effect.Effect<void>, StorageFailure | LawBroken, Scope.Scope>;
}
interface StorageBench {
  readonly capabilities: StorageCapabilities;
  readonly open: Effect.Effect<OpenStorage, unknown, Scope.Scope>;
  readonly pair: Effect.Effect<readonly [OpenStorage, OpenStorage], unknown, Scope.Scope>;
  readonly contents: Effect.Effect<ReadonlyArray<string>, unknown>;
  readonly break: Effect.Effect<void, unknown, Scope.Scope>;
  readonly pass: (millis: number) => Effect.Effect<void>;
  readonly shortLease: number;
  readonly slack: number;
}
export declare const storageLaws: ReadonlyArray<Law<StorageBench>>;
interface StorageSubjectOptions<Place> {
  readonly title: string;
  readonly capabilities: StorageCapabilities;
  readonly place: Effect.Effect<Place, unknown, Scope.Scope>;
  readonly open: (place: Place) => Layer.Layer<TokenStorage, unknown>;
  readonly contents?: ((place: Place) => Effect.Effect<ReadonlyArray<string>, unknown>) | undefined;
  readonly break?: ((place: Place) => Effect.Effect<void, unknown, Scope.Scope>) | undefined;
  readonly clock?: "live" | "test" | undefined;
  readonly shortLease?: number | undefined;
  readonly slack?: number | undefined;
  readonly deadline?: number | undefined;
}
export declare const storageSubject: <Place>(options: StorageSubjectOptions<Place>) => Subject<StorageBench>;
interface DocumentedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
}
interface ProviderSubjectOptions {
  readonly title: string;
  readonly provider: Provider["Service"];
  readonly issued: DocumentedAnswer & {
    readonly token: string;
    readonly lifetime?: number | undefined;
    readonly expiresAt?: number | undefined;
  };
  readonly keyRejected: DocumentedAnswer;
  readonly expired?: DocumentedAnswer | undefined;
  readonly invalid?: DocumentedAnswer | undefined;
  readonly missing?: DocumentedAnswer | undefined;
  readonly limited?: (DocumentedAnswer & {
    readonly resetAt?: number | undefined;
    readonly limit?: number | undefined;
    readonly remaining?: number | undefined;
  }) | undefined;
  readonly apiKey?: string | undefined;
  readonly secrets?: ReadonlyArray<string> | undefined;
  readonly seed?: number | undefined;
  readonly cases?: number | undefined;
  readonly deadline?: number | undefined;
}
export declare const providerSubject: (options: ProviderSubjectOptions) => Subject<ProviderBench>;
interface ProviderBench {
  readonly provider: Provider["Service"];
  readonly documented: ProviderSubjectOptions;
  readonly key: ApiKey;
  readonly otherKey: ApiKey;
  readonly secrets: ReadonlyArray<string>;
  readonly answers: readonly [Answer, ...ReadonlyArray<Answer>];
  readonly anyAnswers: ReadonlyArray<Answer>;
  readonly seed: number;
  readonly now: () => number;
}
export declare const providerLaws: ReadonlyArray<Law<ProviderBench>>;
export type {
  DocumentedAnswer,
  Finding,
  Law,
  OpenStorage,
  Outcome,
  ProviderBench,
  ProviderSubjectOptions,
  Report,
  StorageBench,
  StorageSubjectOptions,
  Subject
};

// @tokenkeep/conformance/vitest

import * as Effect from "effect/Effect";
import * as Scope from "effect/Scope";
interface Law<Bench> {
  readonly id: string;
  readonly guarantees: ReadonlyArray<string>;
  readonly statement: string;
  readonly needs: ReadonlyArray<string>;
  readonly check: (bench: Bench) => Effect.Effect<void, unknown, Scope.Scope>;
}
interface Subject<Bench> {
  readonly title: string;
  readonly laws: ReadonlyArray<Law<Bench>>;
  readonly offers: ReadonlySet<string>;
  readonly bench: Effect.Effect<Bench, unknown, Scope.Scope>;
  readonly clock: "live" | "test";
  readonly deadline: number;
}
export declare const testLaws: <Bench>(subject: Subject<Bench>) => void;
export {};

// @tokenkeep/conformance/transport

import { Transport, TransportResponse } from "@tokenkeep/core";
import * as Effect from "effect/Effect";
import * as Scope from "effect/Scope";
import * as Layer from "effect/Layer";
import { IncomingMessage, ServerResponse } from "node:http";
interface Law<Bench> {
  readonly id: string;
  readonly guarantees: ReadonlyArray<string>;
  readonly statement: string;
  readonly needs: ReadonlyArray<string>;
  readonly check: (bench: Bench) => Effect.Effect<void, unknown, Scope.Scope>;
}
interface Subject<Bench> {
  readonly title: string;
  readonly laws: ReadonlyArray<Law<Bench>>;
  readonly offers: ReadonlySet<string>;
  readonly bench: Effect.Effect<Bench, unknown, Scope.Scope>;
  readonly clock: "live" | "test";
  readonly deadline: number;
}
interface TransportSubjectOptions {
  readonly title: string;
  readonly layer: Layer.Layer<Transport, unknown>;
  readonly capabilities?: TransportCapabilities | undefined;
  readonly deadline?: number | undefined;
}
interface TransportCapabilities {
  readonly hops?: boolean | undefined;
  readonly uploads?: boolean | undefined;
  readonly fetchLike?: boolean | undefined;
}
export declare const transportSubject: (options: TransportSubjectOptions) => Subject<TransportBench>;
type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;
interface Place {
  readonly url: string;
  readonly requests: ReadonlyArray<IncomingMessage>;
  readonly answers: ReadonlyArray<ServerResponse>;
  readonly connections: () => number;
}
declare const Rejected_base: new <A extends Record<string, any> = {}>(args: import("effect/Types").VoidIfEmpty<{ readonly [P in keyof A as P extends "_tag" ? never : P]: A[P]; }>) => import("effect/Cause").YieldableError & {
  readonly _tag: "Rejected";
} & Readonly<A>;
declare class Rejected extends Rejected_base<{
  readonly error: unknown;
}> {
  get message(): string;
}
interface TransportBench {
  readonly hops: Transport["Service"]["hops"];
  readonly send: (url: string, init?: RequestInit) => Effect.Effect<TransportResponse, Rejected>;
  readonly close: Effect.Effect<void>;
  readonly serve: (handler: Handler) => Effect.Effect<Place, unknown, Scope.Scope>;
}
export declare const transportLaws: ReadonlyArray<Law<TransportBench>>;
export type {
  TransportBench,
  TransportCapabilities,
  TransportSubjectOptions
};
