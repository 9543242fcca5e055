// @tokenkeep/transport-ky

import { KyInstance, Options } from "ky";
import { Transport } from "@tokenkeep/core";
import * as Layer from "effect/Layer";
export declare const authorizedKy: (client: {
  readonly baseUrl: string;
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}, options?: Omit<Options, "fetch">) => KyInstance;
interface KyTransportOptions {
  readonly ky?: KyInstance | undefined;
}
declare const layer: (options?: KyTransportOptions) => Layer.Layer<Transport>;
export declare const KyTransport: {
  layer: typeof layer;
};
export type {
  KyTransportOptions
};
