import { delimiter } from "node:path"
import { folders } from "./findCommand.ts"

// An application's npm knows nothing of this workspace: neither of pnpm's settings, which scripts get as npm_*
// variables, nor of the pinned Node and the commands that pnpm puts on their PATH, nor of the test runner.
const isOurs = (name: string): boolean =>
  /^(npm_|pnpm_|vitest|(NODE_OPTIONS|NODE_ENV|TEST|SSR|DEV|PROD|MODE|BASE_URL)$)/i.test(name)

/** The environment outside of this workspace. */
export const outside: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name))),
  PATH: folders.filter((folder) => !folder.includes("node_modules")).join(delimiter)
}
