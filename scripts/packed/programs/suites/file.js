import { storageContract } from "@tokenkeep/conformance"
import { FileStorage } from "@tokenkeep/storage-file"
import * as Effect from "effect/Effect"
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { checkContract } from "./contract.js"
import { checkLifecycle } from "./lifecycle.js"

const newFolder = (directory) => join(directory, crypto.randomUUID())

export const file = ({ directory }) =>
  checkContract(
    storageContract({
      name: "FileStorage",
      capabilities: { durable: true, shared: true, acquireLease: true, watch: false, exclusive: true },
      makeLocation: Effect.sync(() => newFolder(directory)),
      open: (place) => FileStorage.layer({ directory: place }),
      contents: (place) => Effect.sync(() => (existsSync(place) ? readdirSync(place, { recursive: true }) : [])),
      damage: (place) =>
        Effect.sync(() => {
          const revisions = readdirSync(place, { recursive: true }).filter((path) => path.endsWith(".exclusive"))
          for (const path of revisions) writeFileSync(join(place, path), "damaged")
        }),
      disable: (place) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            renameSync(place, `${place}-away`)
            writeFileSync(place, "a file is no directory")
          }),
          () => Effect.sync(() => rmSync(place))
        )
    })
  )

export const lifeInFiles = ({ directory, driver }) => {
  const place = () => {
    const folder = newFolder(directory)
    return () => FileStorage.layer({ directory: folder })
  }
  return checkLifecycle({ driver, place, title: "files" })
}
