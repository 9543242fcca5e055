import type { RequesterRemains } from "../token-request/tokenRequester.ts"
import type { Observations } from "./RenewalPolicy.ts"
import type { State } from "./tokenState.ts"

/** What is kept of a manager between two clients of the same credential. It contains neither a key nor a token. */
export interface ManagerRemains {
  readonly requester: RequesterRemains
  /** What was learned about lifetimes and is not in the storage, by the name of the record. */
  readonly learned: ReadonlyArray<readonly [name: string, Observations]>
  /** The rejected token, if there is no newer one. */
  readonly rejected: Pick<State, "retired" | "without"> | undefined
  /** Until when it counts, in monotonic milliseconds. */
  readonly until: number
}
