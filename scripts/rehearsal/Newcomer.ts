import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Example, examplesOf, matches } from "../../test/docs/Examples.ts"
import { parsePage } from "../../test/docs/Markdown.ts"
import { findCommand } from "../findCommand.ts"
import { outside } from "../outside.ts"
import { run } from "../run.ts"
import type { Registry } from "./registry.ts"
import type { Tools } from "../tools.ts"

/** How packages are installed by name, and how a program is run, by the means of one runtime. */
export interface Client {
  readonly name: string
  readonly add: (packages: ReadonlyArray<string>) => readonly [string, ...Array<string>]
  readonly start: readonly [string, ...Array<string>]
}

// What was published a minute ago is what is tried here: pnpm and Deno would leave it alone for a day.
export const clientsOf = ({ bun, deno }: Tools): ReadonlyArray<Client> => [
  {
    name: "Node, npm",
    add: (packages) => ["npm", "install", "--no-audit", "--no-fund", "--prefer-online", ...packages],
    start: [process.execPath]
  },
  {
    name: "Node, pnpm",
    add: (packages) => [findCommand("pnpm") ?? "pnpm", "add", "--config.minimumReleaseAge=0", ...packages],
    start: [process.execPath]
  },
  {
    name: "Deno",
    add: (packages) => [deno, "add", "--quiet", "--minimum-dependency-age=0", ...packages.map((name) => `npm:${name}`)],
    start: [deno, "run", "--allow-all"]
  },
  { name: "Bun", add: (packages) => [bun, "add", "--no-cache", ...packages], start: [bun, "run"] }
]

/** The first program of a package's README. */
export const firstProgram = (readme: string): Example => {
  const blocks = parsePage(readFileSync(readme, "utf8")).blocks
  const [example] = examplesOf(blocks.map((block) => ({ ...block, source: readme, document: readme })))
  if (example === undefined || example.promises.length === 0) throw new Error(`${readme} promises no output`)
  return example
}

/** Somebody with an empty folder, a home of their own, and one client. */
export class Newcomer {
  readonly #directory: string
  readonly #client: Client
  readonly #env: NodeJS.ProcessEnv

  constructor(directory: string, client: Client, { npmrc }: Registry) {
    this.#directory = directory
    this.#client = client
    const home = join(directory, "home")
    this.#env = { ...outside, HOME: home, DENO_DIR: join(home, "deno"), NO_COLOR: "1" }
    mkdirSync(home, { recursive: true })
    writeFileSync(join(directory, ".npmrc"), npmrc)
    writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "first", private: true, type: "module" }))
  }

  async add(...packages: ReadonlyArray<string>): Promise<void> {
    const [command, ...args] = this.#client.add(packages)
    await run(command, args, { cwd: this.#directory, env: this.#env })
  }

  /** Runs a program of a page, and compares what it prints with what the page says. */
  async runs({ program, promises }: Example): Promise<void> {
    writeFileSync(join(this.#directory, "main.ts"), `${program.trim()}\n`)
    const [command, ...args] = this.#client.start
    const printed = await run(command, [...args, "main.ts"], { cwd: this.#directory, env: this.#env })
    const lines = printed.trimEnd().split("\n")
    if (!promises.every((promised) => matches(lines, promised))) throw new Error(`it printed:\n${printed}`)
  }

  installed(name: string, file: string): string {
    return readFileSync(join(this.#directory, "node_modules", name, file), "utf8")
  }
}
