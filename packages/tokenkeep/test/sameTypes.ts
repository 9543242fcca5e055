// Checked by the compiler: this package's own types are those of @tokenkeep/deeply, but for what belongs to effect.
import type { AccessToken as CoreToken, ApiKeySource as CoreSource, AuthError as CoreError } from "@tokenkeep/core"
import type { CreateDeeplyOptions as CoreOptions, DeeplyClient as CoreClient } from "@tokenkeep/deeply"
import type * as Effects from "effect/Duration"
import type { AccessToken, ApiKeySource, AuthError, CreateDeeplyOptions, DeeplyClient, Duration } from "tokenkeep"

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
type Fits<A, B> = [A] extends [B] ? true : false

type Adapters = "storage" | "fallbackStorage" | "transport"

/** What both have, by its name; `telemetry` and `run` take what only effect can make. */
export const names: {
  readonly options: Same<keyof CreateDeeplyOptions, Exclude<keyof CoreOptions, "telemetry">>
  readonly client: Same<keyof DeeplyClient, Exclude<keyof CoreClient, "run">>
  readonly renewal: Same<Keys<CreateDeeplyOptions["renewal"]>, Keys<CoreOptions["renewal"]>>
  readonly issue: Same<Keys<CreateDeeplyOptions["issue"]>, Keys<CoreOptions["issue"]>>
  readonly token: Same<keyof AccessToken, keyof CoreToken>
  readonly error: Fits<keyof AuthError, keyof CoreError>
} = { options: true, client: true, renewal: true, issue: true, token: true, error: true }

type Keys<A> = keyof NonNullable<A>

/** What is given to one can be given to the other; what one gives is what the other gives. */
export const values: {
  readonly duration: Fits<Duration, Effects.Input>
  readonly source: Fits<ApiKeySource, CoreSource>
  readonly options: Fits<Omit<CreateDeeplyOptions, Adapters>, Omit<CoreOptions, Adapters | "telemetry">>
  readonly token: Fits<CoreToken, AccessToken>
  readonly error: Fits<CoreError, AuthError>
  readonly client: Fits<Omit<CoreClient, "run" | "reject">, Omit<DeeplyClient, "reject">>
} = { duration: true, source: true, options: true, token: true, error: true, client: true }
