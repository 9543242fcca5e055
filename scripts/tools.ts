import { cpSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { run } from "./run.ts"

/** The programs that only a few scripts need. They are no part of the workspace, whose install would take twice as long. */
export interface Tools {
  readonly verdaccio: string
  readonly deno: string
  readonly bun: string
  readonly workerd: string
}

export const installTools = async (directory: string): Promise<Tools> => {
  cpSync(join(import.meta.dirname, "tools"), directory, { recursive: true })
  await run("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"], { cwd: directory })
  const modules = join(directory, "node_modules")
  return {
    verdaccio: join(modules, "verdaccio/bin/verdaccio"),
    deno: join(modules, ".bin/deno"),
    bun: join(modules, ".bin/bun"),
    // Its command is a wrapper in JavaScript, which would not pass a signal on.
    workerd: (createRequire(join(directory, "package.json"))("workerd") as { readonly default: string }).default
  }
}
