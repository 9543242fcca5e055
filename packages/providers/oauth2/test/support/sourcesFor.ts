import { Credentials, type TokenKeepOptions } from "@tokenkeep/core"
import * as Effect from "effect/Effect"

/** Reads the credential of a client once. */
export const sourcesFor = ({ apiKey }: TokenKeepOptions) =>
  Effect.provide(
    Credentials.use(({ sources: [first] }) => first.current),
    Credentials.layer(apiKey)
  )
