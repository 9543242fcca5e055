import type { ApiClientOptions } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import { checkEventQuery } from "../events/checkEventQuery.ts"
import { checkMicQuery } from "../mics/checkMicQuery.ts"
import { readerOf } from "./documentReader.ts"
import type { EffectCollections } from "./EffectCollection.ts"
import { makeEffectCollection } from "./makeEffectCollection.ts"

// Only `lazyEffectCollections.ts` imports this module, with `import()`: an application that never uses `events` or `mics`
// does not load it.

export const makeEffectCollections = (options: ApiClientOptions) =>
  Effect.map(readerOf(options), (reader): EffectCollections => ({
    events: makeEffectCollection(reader, "events", checkEventQuery),
    mics: makeEffectCollection(reader, "mics", checkMicQuery)
  }))
