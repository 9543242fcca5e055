import type { Rejection } from "../token-request/activeRejections.ts"
import type { Bucket } from "../token-request/tokenBucket.ts"
import type { Observations } from "./RenewalPolicy.ts"
import { initial, type State } from "./tokenState.ts"

/**
 * What a client remembers of its credential, and the storage may not have. A pool keeps it while the client is closed. It
 * contains neither a key nor a token. Times are monotonic milliseconds.
 */
export interface ClientMemory {
  state: State
  /** By the name of the credential's record. */
  readonly rejections: Map<string, Rejection>
  readonly learned: Map<string, Observations>
  /** This process's own budget; `undefined` if it is full. */
  bucket: Bucket | undefined
  /** Rejections that other clients received before this do not count. */
  forgottenAt: number
}

export const newMemory = (kept?: Partial<ClientMemory>): ClientMemory => ({
  state: initial,
  rejections: new Map(),
  learned: new Map(),
  bucket: undefined,
  forgottenAt: -Infinity,
  ...kept
})
