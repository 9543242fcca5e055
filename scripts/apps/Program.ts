import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { until } from "../../test/redis/src/until.ts"

/** How a program ended. */
export interface Ended {
  readonly status: number | string
  readonly stdout: string
  readonly stderr: string
}

/** What the tokens of a fake server look like. */
const token = /dt_[0-9a-f]{48}/

const running = new Set<ChildProcess>()

/** Ends what a check that failed has left behind. */
export const endAll = (): void => running.forEach((child) => child.kill("SIGKILL"))
process.once("exit", endAll)

/** A process of its own, with what it prints. */
export class Program {
  readonly #child: ChildProcess
  readonly #ended: Promise<Ended>
  readonly #printed = { stdout: "", stderr: "" }

  constructor(command: string, args: ReadonlyArray<string>, cwd: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] })
    running.add(this.#child)
    for (const name of ["stdout", "stderr"] as const) {
      this.#child[name]?.setEncoding("utf8").on("data", (text: string) => (this.#printed[name] += text))
    }
    this.#ended = this.#end()
  }

  /** Waits for something on its standard output, and gives the first group of it. */
  async prints(pattern: RegExp): Promise<string> {
    const found = () => pattern.exec(this.#printed.stdout)?.[1]
    await until(`it prints ${pattern}`, () => found() !== undefined || this.#hasEnded).catch(() => undefined)
    const text = found()
    if (text === undefined) throw new Error(`${pattern} is not in what it printed:\n${this.#all}`)
    return text
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Waits for its end. It must have printed no token. */
  async ended(status: Ended["status"] = 0): Promise<Ended> {
    await until("it ends", () => this.#hasEnded, { within: 120_000 })
    const ended = await this.#ended
    if (ended.status !== status) throw new Error(`it ended with ${ended.status}, not ${status}:\n${this.#all}`)
    if (token.test(this.#all)) throw new Error("it printed a token")
    return ended
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
