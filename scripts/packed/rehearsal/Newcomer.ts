import { dirname, join } from "node:path"
import { readFileSync } from "node:fs"
import { type Example, examplesOf, matches } from "../../../test/docs/Examples.ts"
import { parsePage } from "../../../test/docs/Markdown.ts"
import { findCommand } from "../../findCommand.ts"
import type { Manifest } from "../../publicPackages.ts"
import { root } from "../../root.ts"
import { Project } from "../Project.ts"
import type { Registry } from "./startRegistry.ts"

/** What a newcomer does: `add` and `start` are commands of one package manager and one runtime. */
export interface Start {
  readonly title: string
  readonly name: string
  readonly directory: string
  readonly add: string
  readonly start: string
}

const firstProgram = (directory: string): Example => {
  const readme = join(root, directory, "README.md")
  const { blocks } = parsePage(readFileSync(readme, "utf8"))
  const [example] = examplesOf(blocks.map((block) => ({ ...block, source: readme, document: readme })))
  if (example === undefined || example.expected.length === 0) throw new Error(`${readme} promises no output`)
  return example
}

/** A user with an empty project and a home of their own, who starts with one package. */
export class Newcomer {
  readonly #start: Start
  readonly #project: Project
  readonly #tools: Readonly<Record<string, string>>

  constructor(work: string, start: Start, { npmrc }: Registry, tools: Readonly<Record<string, string>>) {
    const home = join(work, start.title.replaceAll(/\W+/g, "-"), "home")
    this.#start = start
    this.#project = new Project(dirname(home), {}, { HOME: home, DENO_DIR: join(home, "deno") })
    this.#project.write(".npmrc", npmrc)
    this.#tools = tools
  }

  /** Installs packages by name, and returns the version of the package that they start with. */
  async add(...packages: ReadonlyArray<string>): Promise<string> {
    await this.#run(this.#start.add, ...packages)
    return (JSON.parse(this.installed("package.json")) as Manifest).version
  }

  /** Runs the first program of the package's README, and compares the output with what the README promises. */
  async runReadme(): Promise<void> {
    const { expected, program } = firstProgram(this.#start.directory)
    this.#project.write("main.ts", `${program.trim()}\n`)
    const printed = await this.#run(this.#start.start, "main.ts")
    const lines = printed.trimEnd().split("\n")
    if (!expected.every((output) => matches(lines, output))) throw new Error(`it printed:\n${printed}`)
  }

  /** A file of the installed package. */
  installed(file: string): string {
    return this.#project.read(`node_modules/${this.#start.name}/${file}`)
  }

  #run(line: string, ...more: ReadonlyArray<string>): Promise<string> {
    const [command = "", ...args] = line.split(" ")
    return this.#project.run(this.#tools[command] ?? findCommand(command) ?? command, ...args, ...more)
  }
}
