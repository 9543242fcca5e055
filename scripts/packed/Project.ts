import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { outside } from "../outside.ts"
import { run } from "../run.ts"

/** An application's folder outside of this workspace. */
export class Project {
  readonly directory: string
  readonly #env: NodeJS.ProcessEnv

  constructor(directory: string, manifest: object = {}, env: NodeJS.ProcessEnv = {}) {
    this.directory = directory
    this.#env = { ...outside, NO_COLOR: "1", ...env }
    mkdirSync(directory, { recursive: true })
    this.write("package.json", JSON.stringify({ name: "project", private: true, type: "module", ...manifest }))
  }

  read(file: string): string {
    return readFileSync(join(this.directory, file), "utf8")
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.directory, file), text)
  }

  /** Runs a command to its end and returns what it printed. */
  run(command: string, ...args: ReadonlyArray<string>): Promise<string> {
    return run(command, args, { cwd: this.directory, env: this.#env })
  }

  async install(...packages: ReadonlyArray<string>): Promise<this> {
    await this.run("npm", "install", "--no-audit", "--no-fund", ...packages)
    return this
  }
}
