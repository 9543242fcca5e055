import type { Command } from "../nodes.ts"
import { outside } from "../outside.ts"
import { run } from "../run.ts"
import { permissions } from "./permissions.ts"
import { everywhere, type Outcome, type Runtime, type Settings, type Suite } from "./Runtime.ts"

/** Longer than any suite takes, also on a busy machine: a process that does not end has failed. */
const timeout = 180_000

const lastLine = (printed: string): string => printed.trimEnd().split("\n").at(-1) ?? ""

/** A runtime that is started for each suite, in the project where the packages are installed. */
const inProcesses = async (
  name: string,
  directory: string,
  binary: string,
  flags: (suite: Suite, settings: Settings) => ReadonlyArray<string>
): Promise<Runtime> => {
  const options = { cwd: directory, env: { ...outside, NO_COLOR: "1" }, timeout }
  const start = (...args: ReadonlyArray<string>): Promise<string> => run(binary, args, options)
  const [version = ""] = /\d+\.\d+\.\d+/.exec(await start("--version")) ?? []
  return {
    name,
    version,
    suites: everywhere,
    run: async (suite, settings) => {
      const printed = await start(...flags(suite, settings), "main.js", suite, JSON.stringify(settings))
      return JSON.parse(lastLine(printed)) as ReadonlyArray<Outcome>
    }
  }
}

export const denoFlags = (suite: Suite, settings: Settings): ReadonlyArray<string> => [
  "run",
  "--no-prompt",
  "--node-modules-dir=manual",
  ...permissions[suite](settings)
]

const binaryOf = async ([command, ...args]: Command): Promise<string> =>
  lastLine(await run(command, [...args, "-p", "process.execPath"], { env: outside }))

export const startNode = async (directory: string, node: Command): Promise<Runtime> => {
  const binary = await binaryOf(node)
  return inProcesses("Node", directory, binary, () => [])
}

export const startDeno = (directory: string, deno: string): Promise<Runtime> =>
  inProcesses("Deno", directory, deno, denoFlags)

export const startBun = (directory: string, bun: string): Promise<Runtime> =>
  inProcesses("Bun", directory, bun, () => [])
