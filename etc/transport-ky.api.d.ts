// @tokenkeep/transport-ky

import { TokenKeep, Transport } from "@tokenkeep/core";
import { KyInstance, Options } from "ky";
import * as Layer from "effect/Layer";
export declare const authorizedKy: (client: Pick<TokenKeep, "baseUrl" | "fetch">, options?: Omit<Options, "fetch">) => KyInstance;
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
