import { storageSubject } from "@tokenkeep/conformance"
import { testLaws } from "@tokenkeep/conformance/vitest"
import { FileStorage } from "@tokenkeep/storage-file"
import * as Effect from "effect/Effect"
import { globSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { newPlace } from "./support/directories.ts"

// STO-1: the published laws. Each layer stands for a process: they share nothing but the directory.
testLaws(
  storageSubject({
    title: "FileStorage",
    capabilities: { durable: true, shared: true, exclusive: true, watch: false },
    place: Effect.acquireDisposable(Effect.sync(newPlace)),
    open: ({ directory }) => FileStorage.layer({ directory }),
    contents: ({ directory }) => Effect.sync(() => globSync("**", { cwd: directory })),
    break: ({ directory }) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          renameSync(directory, `${directory}-away`)
          writeFileSync(directory, "a file is no directory")
        }),
        () => Effect.sync(() => rmSync(directory))
      )
  })
)
