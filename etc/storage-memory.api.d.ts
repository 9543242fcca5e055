// @tokenkeep/storage-memory

import { TokenStorage } from "@tokenkeep/core";
import * as Layer from "effect/Layer";
declare const layer: () => Layer.Layer<TokenStorage>;
export declare const MemoryStorage: {
  layer: typeof layer;
};
export {};
