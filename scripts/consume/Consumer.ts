import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { outside } from "../outside.ts"
import { root } from "../root.ts"
import { run } from "../run.ts"

const strict = {
  target: "es2023",
  lib: ["es2023", "esnext.disposable", "dom", "dom.iterable"],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true
}

/** Somebody with an empty project of their own, outside of this workspace. */
export class Consumer {
  readonly directory: string

  constructor(directory: string) {
    this.directory = directory
    mkdirSync(directory)
    this.write("package.json", JSON.stringify({ name: "consumer", private: true, type: "module" }))
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.directory, file), text)
  }

  do(command: string, ...args: ReadonlyArray<string>): Promise<string> {
    return run(command, args, { cwd: this.directory, env: outside })
  }

  async install(...packages: ReadonlyArray<string>): Promise<void> {
    await this.do("npm", "install", "--no-audit", "--no-fund", ...packages)
  }

  /** Runs a program, and compares what it prints with what it should. */
  async runs(program: string, prints: ReadonlyArray<string>, node = [process.execPath]): Promise<void> {
    this.write("main.js", program)
    const [command = "", ...args] = node
    const printed = await this.do(command, ...args, "main.js")
    const lines = printed.split("\n").filter((line) => line !== "" && !line.startsWith("npm "))
    if (lines.join("\n") !== prints.join("\n")) throw new Error(`did not print ${prints.join(", ")}, but:\n${printed}`)
  }

  async compiles(program: string, compilerOptions: Readonly<Record<string, unknown>>): Promise<void> {
    this.write("main.ts", program)
    const config = { compilerOptions: { ...strict, ...compilerOptions }, files: ["main.ts"] }
    this.write("tsconfig.json", JSON.stringify(config))
    await this.do(join(root, "node_modules/.bin/tsc"), "-p", "tsconfig.json")
  }
}
