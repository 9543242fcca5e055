import { binaryOf } from "../binaryOf.ts"
import type { Command } from "../nodes.ts"
import { outside } from "../outside.ts"
import { run } from "../run.ts"
import { type Denial, denials, permissions } from "./permissions.ts"
import { everywhere, type Outcome, type Runtime, type Settings, type Suite } from "./Runtime.ts"

/** Longer than any suite takes, also on a busy machine: a process that does not end has failed. */
const timeout = 180_000

const lastLine = (printed: string): string => printed.trimEnd().split("\n").at(-1) ?? ""

type Start = (...args: ReadonlyArray<string>) => Promise<string>

const starting =
  (directory: string, binary: string): Start =>
  (...args) =>
    run(binary, args, { cwd: directory, env: { ...outside, NO_COLOR: "1" }, timeout })

/** A runtime that is started for each suite, in the project where the packages are installed. */
const inProcesses = async (
  name: string,
  directory: string,
  binary: string,
  flags: (suite: Suite, settings: Settings) => ReadonlyArray<string>
): Promise<Runtime> => {
  const start = starting(directory, binary)
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

const deno = ["run", "--no-prompt", "--node-modules-dir=manual"]

const denied = async (start: Start, { given, name, names, told }: Denial, settings: Settings): Promise<Outcome> => {
  const started = performance.now()
  const printed = await start(...deno, ...given(settings), "denied.js", JSON.stringify({ ...settings, ...told }))
  const outcome = { name, millis: performance.now() - started }
  return printed.includes(names(settings)) ? outcome : { ...outcome, failure: `it says: ${printed}` }
}

export const startNode = async (directory: string, node: Command): Promise<Runtime> => {
  const binary = await binaryOf(...node, "-p", "process.execPath")
  return inProcesses("Node", directory, binary, () => [])
}

/** Deno, with no more permissions than each suite needs, and what it says where there are fewer. */
export const startDeno = async (directory: string, command: string): Promise<Runtime> => {
  const binary = await binaryOf(command, "eval", "console.log(Deno.execPath())")
  const permitted = await inProcesses("Deno", directory, binary, (suite, settings) => [
    ...deno,
    ...(suite === "denials" ? [] : permissions[suite](settings))
  ])
  const start = starting(directory, binary)
  return {
    ...permitted,
    suites: [...permitted.suites, "denials"],
    run: async (suite, settings) => {
      if (suite !== "denials") return permitted.run(suite, settings)
      return Promise.all(denials.map((denial) => denied(start, denial, settings)))
    }
  }
}

export const startBun = async (directory: string, command: string): Promise<Runtime> => {
  const binary = await binaryOf(command, "-e", "console.log(process.execPath)")
  return inProcesses("Bun", directory, binary, () => [])
}
