import { lstatSync, mkdirSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"

const writableByOthers = 0o022

/**
 * A folder for compiled code that only this user can write, or `undefined` if there is none. In the temporary folder, which
 * is Node's default, another user could put code there that this user then runs.
 */
export const privateCacheFolder = (): string | undefined => {
  try {
    const folder = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "tokenkeep", "compiled")
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const { mode, uid } = lstatSync(folder)
    const isOwn = process.geteuid === undefined || (uid === process.geteuid() && (mode & writableByOthers) === 0)
    return isOwn && lstatSync(folder).isDirectory() ? folder : undefined
  } catch {
    return undefined
  }
}
