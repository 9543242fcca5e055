import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"

/** The folder of the user's own configuration. The XDG specification says to ignore a relative path. */
export const configFolder = (): string => {
  const configured = process.env["XDG_CONFIG_HOME"] ?? ""
  return join(isAbsolute(configured) ? configured : join(homedir(), ".config"), "tokenkeep")
}
