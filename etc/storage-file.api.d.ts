// @tokenkeep/storage-file

import { TokenStorage } from "@tokenkeep/core";
import * as Layer from "effect/Layer";
interface FileStorageOptions {
  readonly directory?: string | undefined;
}
declare const layer: (options?: FileStorageOptions) => Layer.Layer<TokenStorage>;
export declare const FileStorage: {
  layer: typeof layer;
};
export declare const stateDirectory: (directory?: string) => string;
export type {
  FileStorageOptions
};
