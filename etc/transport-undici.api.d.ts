// @tokenkeep/transport-undici

import { Transport } from "@tokenkeep/core";
import * as Layer from "effect/Layer";
import { Dispatcher } from "undici";
interface RawResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: ReadonlyArray<string>;
  readonly chunks: AsyncIterableIterator<Uint8Array, undefined> | undefined;
}
interface UndiciTransportOptions {
  readonly dispatcher?: Dispatcher | undefined;
  readonly decode?: boolean | undefined;
}
declare const layer: (options?: UndiciTransportOptions) => Layer.Layer<Transport>;
declare const raw: (response: Response) => RawResponse | undefined;
export declare const UndiciTransport: {
  layer: typeof layer;
  raw: typeof raw;
};
export type {
  RawResponse,
  UndiciTransportOptions
};
