import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** The command as users install it. The setup of the tests builds it. */
export const main = join(import.meta.dirname, "../../dist/main.js")

/** A home of its own: no configuration, state or cache of the machine reaches the command. */
export const temporaryHome = () => {
  const path = mkdtempSync(join(tmpdir(), "tokenkeep-cli-"))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

export interface CliOptions {
  readonly home: string
  readonly env?: Readonly<Record<string, string>>
  /** What stdin has; `null` leaves it open. */
  readonly input?: string | null
}

export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the command, in its home as the working directory. */
export const startCli = (args: ReadonlyArray<string>, { env, home, input }: CliOptions) => {
  const child: ChildProcess = spawn(process.execPath, [main, ...args], {
    cwd: home,
    env: { PATH: process.env["PATH"], HOME: home, ...env }
  })
  if (input !== null) child.stdin?.end(input ?? "")
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", resolve)
  })
  const output = { stdout: "", stderr: "" }
  child.stdout?.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()))
  child.stderr?.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()))
  return { child, result: exited.then((code): CliResult => ({ code, ...output })) }
}

/** Runs the command to its end. */
export const cli = (args: ReadonlyArray<string>, options: CliOptions): Promise<CliResult> =>
  startCli(args, options).result
