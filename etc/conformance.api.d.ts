// @tokenkeep/conformance

import { Provider, StorageCapabilities, TokenStorage } from "@tokenkeep/core";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Scope from "effect/Scope";
declare const ContractViolation_base: new <A extends Record<string, any> = {}>(args: import("effect/Types").VoidIfEmpty<{ readonly [P in keyof A as P extends "_tag" ? never : P]: A[P]; }>) => import("effect/Cause").YieldableError & {
  readonly _tag: "ContractViolation";
} & Readonly<A>;
export declare class ContractViolation extends ContractViolation_base<{
  readonly reason: string;
}> {
  get message(): string;
}
interface ContractTest {
  readonly id: string;
  readonly group: string;
  readonly behaviour: string;
  readonly guarantees: ReadonlyArray<string>;
  readonly requires: ReadonlyArray<string>;
  readonly missing: ReadonlyArray<string>;
  readonly run: (signal?: AbortSignal) => Promise<void>;
}
interface Contract {
  readonly name: string;
  readonly tests: ReadonlyArray<ContractTest>;
  readonly timeout: number;
}
interface ContractResult {
  readonly test: ContractTest;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly reason?: string;
  readonly millis: number;
}
interface ContractReport {
  readonly name: string;
  readonly results: ReadonlyArray<ContractResult>;
  readonly passed: boolean;
}
export declare const runContract: ({ name, tests }: Contract, { concurrency }?: {
  readonly concurrency?: number | undefined;
}) => Promise<ContractReport>;
export declare const formatReport: ({ name, results }: ContractReport) => string;
interface StorageUnderTest<Location> {
  readonly name: string;
  readonly capabilities: StorageCapabilities;
  readonly makeLocation: Effect.Effect<Location, unknown, Scope.Scope>;
  readonly open: (location: Location) => Layer.Layer<TokenStorage, unknown>;
  readonly contents?: ((location: Location) => Effect.Effect<ReadonlyArray<string>, unknown>) | undefined;
  readonly disable?: ((location: Location) => Effect.Effect<void, unknown, Scope.Scope>) | undefined;
  readonly damage?: ((location: Location) => Effect.Effect<void, unknown>) | undefined;
  readonly clock?: "live" | "test" | undefined;
  readonly shortLease?: number | undefined;
  readonly expiryTolerance?: number | undefined;
  readonly timeout?: number | undefined;
}
export declare const storageContract: <Location>(underTest: StorageUnderTest<Location>) => Contract;
interface DocumentedResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
}
interface ProviderUnderTest {
  readonly name: string;
  readonly provider: Provider["Service"];
  readonly issued: DocumentedResponse & {
    readonly token: string;
    readonly lifetime?: number | undefined;
    readonly expiresAt?: number | undefined;
  };
  readonly keyRejected: DocumentedResponse;
  readonly expired?: DocumentedResponse | undefined;
  readonly invalid?: DocumentedResponse | undefined;
  readonly missing?: DocumentedResponse | undefined;
  readonly limited?: (DocumentedResponse & {
    readonly resetAt?: number | undefined;
    readonly limit?: number | undefined;
    readonly remaining?: number | undefined;
  }) | undefined;
  readonly earlierResponse?: ((url: string) => DocumentedResponse | undefined) | undefined;
  readonly deterministic?: boolean | undefined;
  readonly apiKey?: string | undefined;
  readonly secrets?: ReadonlyArray<string> | undefined;
  readonly seed?: number | undefined;
  readonly cases?: number | undefined;
  readonly timeout?: number | undefined;
}
export declare const providerContract: (underTest: ProviderUnderTest) => Contract;
export type {
  Contract,
  ContractReport,
  ContractResult,
  ContractTest,
  DocumentedResponse,
  ProviderUnderTest,
  StorageUnderTest
};

// @tokenkeep/conformance/vitest

interface ContractTest {
  readonly id: string;
  readonly group: string;
  readonly behaviour: string;
  readonly guarantees: ReadonlyArray<string>;
  readonly requires: ReadonlyArray<string>;
  readonly missing: ReadonlyArray<string>;
  readonly run: (signal?: AbortSignal) => Promise<void>;
}
interface Contract {
  readonly name: string;
  readonly tests: ReadonlyArray<ContractTest>;
  readonly timeout: number;
}
export declare const testContract: ({ name, tests, timeout }: Contract) => void;
export {};

// @tokenkeep/conformance/transport

import { Transport } from "@tokenkeep/core";
import * as Layer from "effect/Layer";
interface ContractTest {
  readonly id: string;
  readonly group: string;
  readonly behaviour: string;
  readonly guarantees: ReadonlyArray<string>;
  readonly requires: ReadonlyArray<string>;
  readonly missing: ReadonlyArray<string>;
  readonly run: (signal?: AbortSignal) => Promise<void>;
}
interface Contract {
  readonly name: string;
  readonly tests: ReadonlyArray<ContractTest>;
  readonly timeout: number;
}
interface TransportCapabilities {
  readonly redirects?: boolean | undefined;
  readonly uploads?: boolean | undefined;
  readonly fetchLike?: boolean | undefined;
}
interface TransportUnderTest {
  readonly name: string;
  readonly layer: Layer.Layer<Transport, unknown>;
  readonly capabilities?: TransportCapabilities | undefined;
  readonly timeout?: number | undefined;
}
export declare const transportContract: (underTest: TransportUnderTest) => Contract;
export type {
  TransportCapabilities,
  TransportUnderTest
};
