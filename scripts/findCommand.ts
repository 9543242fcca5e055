import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"

/** The folders on the PATH. */
export const folders: ReadonlyArray<string> = (process.env["PATH"] ?? "").split(delimiter).filter((path) => path !== "")

/** The path of the first of these commands that is on the PATH. */
export const findCommand = (...names: ReadonlyArray<string>): string | undefined =>
  names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file))
