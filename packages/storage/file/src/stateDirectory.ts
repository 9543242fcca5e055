import { TokenkeepError, readEnvironment } from "@tokenkeep/core"
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"
import process from "node:process"

const invalidDirectory = (what: string, fix: string) =>
  TokenkeepError.of({ _tag: "ConfigInvalid", option: "directory" }, { what, fix })

const homeDirectory = (): string => {
  const home = readEnvironment("HOME")
  if (home) return home
  try {
    return homedir()
  } catch {
    throw invalidDirectory(
      "The default directory for tokens could not be determined, because this user has no home directory.",
      "Pass an absolute path as the option directory."
    )
  }
}

/** Where programs keep data of this machine, by the convention of the operating system. */
const stateHome = (): string => {
  if (process.platform === "darwin") return join(homeDirectory(), "Library", "Application Support")
  if (process.platform === "win32") return readEnvironment("LOCALAPPDATA") || join(homeDirectory(), "AppData", "Local")
  const configured = readEnvironment("XDG_STATE_HOME")
  // The XDG specification says to ignore a relative path.
  return configured && isAbsolute(configured) ? configured : join(homeDirectory(), ".local", "state")
}

/**
 * The directory that {@link FileStorage} uses, to show or check it. It creates nothing. Throws `CONFIG_INVALID` unless it is
 * absolute.
 *
 * @param directory The option of `FileStorage.layer`; default `tokenkeep` in the user's state directory.
 *
 * @example
 * ```ts
 * import { stateDirectory } from "@tokenkeep/storage-file"
 *
 * console.log(stateDirectory().endsWith("tokenkeep")) // => true
 * ```
 */
export const stateDirectory = (directory: string = join(stateHome(), "tokenkeep")): string => {
  if (typeof directory === "string" && isAbsolute(directory) && !directory.includes("\0")) return directory
  throw invalidDirectory(
    `The directory for tokens is not an absolute path: ${JSON.stringify(directory)}.`,
    "Pass an absolute path as the option directory, such as /var/lib/my-app/tokens."
  )
}
