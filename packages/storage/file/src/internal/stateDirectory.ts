import { AuthError, readEnvironment } from "@tokenkeep/core"
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"
import process from "node:process"

const invalid = (what: string, fix: string) =>
  AuthError.of({ _tag: "ConfigInvalid", option: "directory" }, { what, fix })

const home = (): string => {
  const found = readEnvironment("HOME")
  if (found) return found
  try {
    return homedir()
  } catch {
    throw invalid("The home of this process's user is not known.", "Pass the option directory.")
  }
}

/** Where programs keep what outlives them and belongs to this machine, by each system's habit. */
const stateHome = (): string => {
  if (process.platform === "darwin") return join(home(), "Library", "Application Support")
  if (process.platform === "win32") return readEnvironment("LOCALAPPDATA") || join(home(), "AppData", "Local")
  const named = readEnvironment("XDG_STATE_HOME")
  // The specification says to ignore one that is relative.
  return named && isAbsolute(named) ? named : join(home(), ".local", "state")
}

/** The directory to use; throws `CONFIG_INVALID` unless it is an absolute path. */
export const stateDirectory = (directory: string = join(stateHome(), "tokenkeep")): string => {
  if (typeof directory === "string" && isAbsolute(directory) && !directory.includes("\0")) return directory
  throw invalid("The directory is not an absolute path.", "Give one that begins at the root.")
}
