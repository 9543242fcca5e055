import { delimiter } from "node:path"
import { folders } from "./findCommand.ts"

// A newcomer's npm knows nothing of this workspace: neither pnpm's settings, which scripts get as npm_* variables, nor
// the pinned Node and the commands that pnpm puts on their PATH.
const isOurs = (name: string): boolean => /^(npm_|pnpm_|NODE_OPTIONS$)/i.test(name)

/** The environment outside of this workspace. */
export const outside: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name))),
  PATH: folders.filter((folder) => !folder.includes("node_modules")).join(delimiter)
}
