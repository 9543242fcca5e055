import { cpSync, existsSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { outside } from "../outside.ts"
import { run } from "../run.ts"

/** Where a runtime is that prints its own path. A linked command may be a script, which would keep signals from it. */
const binaryOf = async (command: string, ...print: ReadonlyArray<string>): Promise<string> => {
  const printed = await run(command, print, { env: outside })
  const binary = printed.split("\n").find((line) => line !== "" && existsSync(line))
  if (binary === undefined) throw new Error(`${command} did not print its path, but:\n${printed}`)
  return binary
}

const nodeOf = (version: string) => binaryOf("npx", "-y", `node@${version}`, "-p", "process.execPath")

/**
 * Installs the runtimes and the registry, which only these tests need: an install of the workspace would take twice as
 * long with them. Returns their paths.
 */
export const installTools = async (directory: string) => {
  cpSync(join(import.meta.dirname, "tools"), directory, { recursive: true })
  await run("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"], { cwd: directory })
  const modules = join(directory, "node_modules")
  return {
    // Too old: the command must say so.
    node20: await nodeOf("20.20.2"),
    // The oldest version that is supported.
    node22: await nodeOf("22.23.3"),
    node24: await nodeOf("24.21.0"),
    node26: process.execPath,
    deno: await binaryOf(join(modules, ".bin/deno"), "eval", "console.log(Deno.execPath())"),
    bun: await binaryOf(join(modules, ".bin/bun"), "-e", "console.log(process.execPath)"),
    workerd: (createRequire(join(directory, "package.json"))("workerd") as { readonly default: string }).default,
    verdaccio: join(modules, "verdaccio/bin/verdaccio")
  }
}
