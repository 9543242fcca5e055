// @tokenkeep/transport-fetch

import { Transport } from "@tokenkeep/core";
import * as Layer from "effect/Layer";
interface FetchTransportOptions {
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
}
declare const layer: (options?: FetchTransportOptions) => Layer.Layer<Transport>;
export declare const FetchTransport: {
  layer: typeof layer;
};
export type {
  FetchTransportOptions
};
