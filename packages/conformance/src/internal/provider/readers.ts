import type { ProviderResponse } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import { hasFetchStatus, type ProviderFixture } from "./fixture.ts"

export type Fields = Readonly<Record<string, unknown>>
type Shapes = Readonly<Record<string, (fields: Fields) => boolean>>

const isOptional = (kind: string, value: unknown): boolean => value === undefined || typeof value === kind

const isLimit = ({ limit, remaining, resetAt }: Fields): boolean =>
  [limit, remaining, resetAt].every((value) => value === undefined || Number.isFinite(value))

const always = () => true

const tokenVerdicts: Shapes = {
  Issued: ({ expiresAt, lifetime, token }) =>
    typeof token === "string" && isOptional("number", lifetime) && isOptional("number", expiresAt),
  KeyRejected: ({ documented }) => isOptional("boolean", documented),
  RateLimited: isLimit,
  Unavailable: always,
  Invalid: ({ detail }) => typeof detail === "string" && detail.trim() !== "" && detail.length <= 200
}

const requestVerdicts: Shapes = {
  TokenExpired: always,
  TokenInvalid: always,
  TokenMissing: always,
  Forbidden: always,
  RateLimited: isLimit,
  Other: always
}

interface Reader {
  readonly name: string
  readonly read: (response: ProviderResponse) => Effect.Effect<unknown, unknown>
  readonly shapes: Shapes
  readonly accepts: (response: ProviderResponse) => boolean
}

/** The two functions of a provider that read responses. */
export const readersOf = ({ provider, readToken }: ProviderFixture): ReadonlyArray<Reader> => [
  { name: "requestToken", read: readToken, shapes: tokenVerdicts, accepts: hasFetchStatus },
  {
    name: "classify",
    // @effect-diagnostics-next-line unknownInEffectCatch:off
    read: (response) => Effect.try({ try: () => provider.classify(response), catch: (error) => error }),
    shapes: requestVerdicts,
    accepts: always
  }
]
