// @tokenkeep/transport-undici

import { Transport } from "@tokenkeep/core";
import * as Layer from "effect/Layer";
import { Dispatcher } from "undici";
interface UndiciTransportOptions {
  readonly dispatcher?: Dispatcher | undefined;
}
declare const layer: (options?: UndiciTransportOptions) => Layer.Layer<Transport>;
export declare const UndiciTransport: {
  layer: typeof layer;
};
export type {
  UndiciTransportOptions
};
