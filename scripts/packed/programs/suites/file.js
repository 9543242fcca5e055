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
          const files = readdirSync(place, { recursive: true }).filter((file) => file.endsWith(".exclusive"))
          for (const file of files) writeFileSync(join(place, file), "damaged")
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
