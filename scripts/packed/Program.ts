import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { until } from "../../test/redis/src/until.ts"
import { outside } from "../outside.ts"

export interface Ended {
  readonly status: number | string
  readonly stdout: string
  readonly stderr: string
}

/** What the tokens of a fake server look like. */
const token = /dt_[0-9a-f]{48}/

const running = new Set<ChildProcess>()

/** Ends what a failed test has left behind. */
export const endAllPrograms = (): void => running.forEach((child) => child.kill("SIGKILL"))
process.once("exit", endAllPrograms)

/** A process that runs until it ends or is ended. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #ended: Promise<Ended>
  readonly #printed = { stdout: "", stderr: "" }

  constructor(command: string, args: ReadonlyArray<string>, cwd: string, env: NodeJS.ProcessEnv = outside) {
    this.#child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] })
    running.add(this.#child)
    for (const name of ["stdout", "stderr"] as const) {
      this.#child[name]?.setEncoding("utf8").on("data", (text: string) => (this.#printed[name] += text))
    }
    this.#ended = this.#end()
  }

  /** Waits until its standard output matches, and returns the first group of the match. */
  async prints(pattern: RegExp): Promise<string> {
    const found = () => pattern.exec(this.#printed.stdout)?.[1]
    await this.waitUntil(`it prints ${pattern}`, () => found() !== undefined)
    return found() ?? ""
  }

  hasPrinted(text: string): boolean {
    return this.#printed.stdout.includes(text)
  }

  /** Waits until a condition holds. Fails with all that was printed when the program ends before that. */
  async waitUntil(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    await until(what, async () => this.#hasEnded || (await holds())).catch(() => undefined)
    if (!(await holds())) throw new Error(`waited in vain until ${what}; it printed:\n${this.#all}`)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Waits until it ends with a status. It must not have printed a token. */
  async ended(status: Ended["status"] = 0): Promise<Ended> {
    await until("it ends", () => this.#hasEnded, { within: 120_000 })
    const ended = await this.#ended
    if (ended.status !== status) throw new Error(`it ended with ${ended.status}, not ${status}:\n${this.#all}`)
    if (token.test(this.#all)) throw new Error("it printed a token")
    return ended
  }

  /** Ends a server, which must still run. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded) throw new Error(`it ended by itself:\n${this.#all}`)
    this.#child.kill("SIGKILL")
    await this.#ended
  }

  get #hasEnded(): boolean {
    return !running.has(this.#child)
  }

  get #all(): string {
    return this.#printed.stdout + this.#printed.stderr
  }

  async #end(): Promise<Ended> {
    const [status, signal] = (await once(this.#child, "close")) as [number | null, NodeJS.Signals | null]
    running.delete(this.#child)
    return { ...this.#printed, status: status ?? signal ?? "" }
  }
}
