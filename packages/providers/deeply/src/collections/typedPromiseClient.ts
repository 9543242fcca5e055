import type { ApiClientOptions, TokenKeep } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import { checkEventQuery } from "../events/checkEventQuery.ts"
import { checkMicQuery } from "../mics/checkMicQuery.ts"
import type { DeeplyCollections } from "./Collection.ts"
import { readerOf } from "./documentReader.ts"
import { makePromiseCollection, type RunWithReader } from "./makePromiseCollection.ts"

// Only `lazyCollections.ts` imports this module, with `import()`: an application that never uses `events` or `mics` does
// not load it.

export const makePromiseCollections = (
  { run }: Pick<TokenKeep, "run">,
  options: ApiClientOptions
): DeeplyCollections => {
  const runWithReader: RunWithReader = (call, signal) => run(Effect.flatMap(readerOf(options), call), { signal })
  return {
    events: makePromiseCollection(runWithReader, "events", checkEventQuery),
    mics: makePromiseCollection(runWithReader, "mics", checkMicQuery)
  }
}
