// @tokenkeep/storage-memory

import { TokenStorage } from "@tokenkeep/core";
import * as Layer from "effect/Layer";
export declare const MemoryStorage: {
  layer: () => Layer.Layer<TokenStorage>;
};
