// @tokenkeep/storage-redis

import { TokenStorage } from "@tokenkeep/core";
import * as Layer from "effect/Layer";
interface NodeRedisCommands {
  readonly isOpen: boolean;
  readonly connect: () => Promise<unknown>;
  readonly evalSha: (sha: string, options: NodeRedisScriptOptions) => Promise<unknown>;
  readonly eval: (source: string, options: NodeRedisScriptOptions) => Promise<unknown>;
  readonly on: (event: string, listener: (...args: Array<any>) => void) => unknown;
  readonly off: (event: string, listener: (...args: Array<any>) => void) => unknown;
}
type NodeRedisClient = NodeRedisCommands & ({
  readonly isReady: boolean;
} | {
  readonly nodeClient: (...args: Array<any>) => unknown;
});
interface NodeRedisScriptOptions {
  readonly keys?: Array<string>;
  readonly arguments?: Array<string>;
}
interface IoredisClient {
  readonly status: string;
  readonly isCluster: boolean;
  readonly connect: () => Promise<unknown>;
  readonly evalsha: (sha: string, keys: number, ...args: Array<string>) => Promise<unknown>;
  readonly eval: (source: string, keys: number, ...args: Array<string>) => Promise<unknown>;
  readonly on: (event: string, listener: (...args: Array<any>) => void) => unknown;
  readonly off: (event: string, listener: (...args: Array<any>) => void) => unknown;
}
type RedisClient = NodeRedisClient | IoredisClient;
interface RedisClientStorageOptions {
  readonly prefix?: string | undefined;
}
interface RedisStorageOptions extends RedisClientStorageOptions {
  readonly url: string | URL;
}
declare const layer: (options: RedisStorageOptions) => Layer.Layer<TokenStorage>;
declare const layerClient: (client: RedisClient, options?: RedisClientStorageOptions) => Layer.Layer<TokenStorage>;
export declare const RedisStorage: {
  layer: typeof layer;
  layerClient: typeof layerClient;
};
export type {
  IoredisClient,
  NodeRedisClient,
  NodeRedisScriptOptions,
  RedisClient,
  RedisClientStorageOptions,
  RedisStorageOptions
};
