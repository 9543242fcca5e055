import { storageSubject } from "@tokenkeep/conformance"
import { FileStorage } from "@tokenkeep/storage-file"
import * as Effect from "effect/Effect"
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { checkLaws } from "./laws.js"
import { unique } from "./unique.js"

/** The laws of storages, for files below the directory of this run. */
export const suite = ({ directory }) =>
  checkLaws(
    storageSubject({
      title: "FileStorage",
      capabilities: { durable: true, shared: true, exclusive: true, watch: false },
      place: Effect.sync(() => join(directory, unique("place"))),
      open: (place) => FileStorage.layer({ directory: place }),
      contents: (place) => Effect.sync(() => (existsSync(place) ? readdirSync(place, { recursive: true }) : [])),
      break: (place) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            renameSync(place, `${place}-away`)
            writeFileSync(place, "a file is no directory")
          }),
          () => Effect.sync(() => rmSync(place))
        )
    }),
    { concurrency: 16 }
  )
