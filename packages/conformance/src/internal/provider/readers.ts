import type { ProviderResponse } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import { hasFetchStatus, type ProviderFixture } from "./fixture.ts"

export type Fields = Readonly<Record<string, unknown>>
type Shapes = Readonly<Record<string, (fields: Fields) => boolean>>

const isOptional = (kind: string, value: unknown): boolean => value === undefined || typeof value === kind

const isLimit = ({ limit, remaining, resetAt }: Fields): boolean =>
  [limit, remaining, resetAt].every((value) => value === undefined || Number.isFinite(value))

const isSentence = (value: unknown): boolean => typeof value === "string" && value.trim() !== "" && value.length <= 300

const always = () => true

const tokenVerdicts: Shapes = {
  Issued: ({ expiresAt, lifetime, token }) =>
    typeof token === "string" && isOptional("number", lifetime) && isOptional("number", expiresAt),
  KeyRejected: ({ documented, reason }) => isOptional("boolean", documented) && isOptional("string", reason),
  RateLimited: isLimit,
  Unavailable: always,
  Invalid: ({ detail, fix }) => isSentence(detail) && (fix === undefined || isSentence(fix))
}

const requestVerdicts: Shapes = {
  TokenExpired: always,
  TokenInvalid: always,
  TokenMissing: always,
  Forbidden: ({ detail, fix }) => [detail, fix].every((text) => text === undefined || isSentence(text)),
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
