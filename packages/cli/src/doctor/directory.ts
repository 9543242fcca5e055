import { existsSync, statSync } from "node:fs"
import { statfs } from "node:fs/promises"
import { dirname } from "node:path"
import { failed, ok, type Verdict, warning } from "./Finding.ts"
import { systemCode } from "./systemCode.ts"

const nearestFolder = (path: string): string => (existsSync(path) ? path : nearestFolder(dirname(path)))

/** Owner and permissions of the directory of a file storage. */
export const checkDirectory = (directory: string): Verdict => {
  try {
    if (!existsSync(directory)) return ok(`${directory} does not exist yet, and will be created`)
    const found = statSync(directory)
    const user = process.geteuid?.()
    if (!found.isDirectory()) return failed("storage", `${directory} is not a directory.`, "Choose another directory.")
    if (user !== undefined && found.uid !== user) {
      const what = `${directory} belongs to user ${found.uid}, and this process runs as user ${user}.`
      return failed(
        "storage",
        what,
        "Use a directory of your own, or change its owner. With sudo, HOME may be another user's."
      )
    }
    if (user !== undefined && (found.mode & 0o022) !== 0) {
      return failed("storage", `Other users can write to ${directory}.`, `Run chmod 700 ${directory}`)
    }
    return ok(`only this user can write to ${directory}`)
  } catch (error) {
    return failed(
      "storage",
      `${directory} cannot be read (${systemCode(error)}).`,
      "Check its permissions and those of the folders above."
    )
  }
}

/** Below this, in bytes, a save may fail. */
const enough = 16 * 1024 * 1024

/** Free space where the directory is, or will be. */
export const checkSpace = async (directory: string): Promise<Verdict> => {
  const folder = nearestFolder(directory)
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const what = `${Math.floor(free / 1024 / 1024)} MiB are free`
  return free >= enough ? ok(what) : warning("storage", `Only ${what} in ${folder}.`, "Free some space.")
}
