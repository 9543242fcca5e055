import { FileStorage } from "@tokenkeep/storage-file"
import { join } from "node:path"
import { checkLifecycle } from "./lifecycle.js"
import { unique } from "./unique.js"

export const suite = ({ directory, driver }) => {
  const place = () => {
    const ours = join(directory, unique("life"))
    return () => FileStorage.layer({ directory: ours })
  }
  return checkLifecycle({ driver, place, title: "files" })
}
