import { storageContract } from "@tokenkeep/conformance"
import { testContract } from "@tokenkeep/conformance/vitest"
import { FileStorage } from "@tokenkeep/storage-file"
import * as Effect from "effect/Effect"
import { globSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { newDirectory } from "./support/testDirectory.ts"

// STO-1, STO-7. Each layer stands for a process: they share nothing but the directory.
testContract(
  storageContract({
    name: "FileStorage",
    capabilities: { durable: true, shared: true, acquireLease: true, watch: false, exclusive: true },
    makeLocation: Effect.acquireDisposable(Effect.sync(newDirectory)),
    open: ({ path }) => FileStorage.layer({ directory: path }),
    contents: ({ path }) => Effect.sync(() => globSync("**", { cwd: path })),
    damage: ({ path }) =>
      Effect.sync(() => {
        for (const file of globSync("*/*.exclusive", { cwd: path })) truncateSync(join(path, file), 50)
      }),
    disable: ({ path }) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          renameSync(path, `${path}-away`)
          writeFileSync(path, "a file is no directory")
        }),
        () => Effect.sync(() => rmSync(path))
      )
  })
)
