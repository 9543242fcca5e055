import { delimiter, join } from "node:path"
import { existsSync } from "node:fs"

// A newcomer's npm knows nothing of this workspace: neither pnpm's settings, which scripts get as npm_* variables, nor
// the pinned Node and the commands that pnpm puts on their PATH.
const isOurs = (name: string): boolean => /^(npm_|pnpm_|NODE_OPTIONS$)/i.test(name)

const directories = (process.env["PATH"] ?? "").split(delimiter)

/** The environment outside of this workspace. */
export const outside: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name))),
  PATH: directories.filter((directory) => !directory.includes("node_modules")).join(delimiter)
}

/** Where a command is that the environment outside does not have. */
export const commandPath = (command: string): string => {
  const path = directories.map((directory) => join(directory, command)).find((file) => existsSync(file))
  if (path === undefined) throw new Error(`${command} is not on the PATH`)
  return path
}
