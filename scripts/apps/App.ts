import { mkdirSync } from "node:fs"
import { once } from "node:events"
import { connect } from "node:net"
import { join } from "node:path"
import { matches } from "../../test/docs/Examples.ts"
import { until } from "../../test/redis/src/until.ts"
import { outside } from "../outside.ts"
import { type Ended, Program } from "./Program.ts"
import { type Shown, shownIn } from "./Readme.ts"

/** The runtimes by the name that a README calls them by. */
export type Runtimes = Readonly<Record<string, string>>

type Environment = Readonly<Record<string, string>>

/** Where the services of the READMEs listen, which here is any port that is free. */
const origin = "http://127.0.0.1:8080"

/** A service that listens. */
export interface Service {
  readonly program: Program
  /** Answers what it says to a GET request. */
  readonly get: (path: string) => Promise<string>
  /** Waits until it takes no more connections. */
  readonly refuses: () => Promise<void>
  /** Asks it to end, as whatever runs it would, and waits until it did. */
  readonly stop: () => Promise<Ended>
}

const isOurs = (name: string): boolean => /^(DEEPLY_|REDIS_|OTEL_|TOKEN_|XDG_|PORT$)/.test(name)
const strangers = Object.fromEntries(Object.entries(outside).filter(([name]) => !isOurs(name)))

const compare = (printed: string, promised: ReadonlyArray<string>): void => {
  if (!matches(printed.trimEnd().split("\n"), promised)) {
    throw new Error(`the README says\n${promised.join("\n")}\nand it printed\n${printed}`)
  }
}

/** Whether nobody listens there. A request could come in on a connection that was kept alive, and would prolong it. */
const isRefused = async (url: string): Promise<boolean> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  try {
    await once(socket, "connect")
    return false
  } catch {
    return true
  } finally {
    socket.destroy()
  }
}

/** An app that was copied out of this repository, as its README says to run it. */
export class App {
  readonly #directory: string
  readonly #runtimes: Runtimes
  readonly #shown: ReadonlyArray<Shown>

  constructor(directory: string, runtimes: Runtimes) {
    this.#directory = directory
    this.#runtimes = runtimes
    this.#shown = shownIn(directory)
  }

  /** The arguments of its README's first command. */
  get args(): ReadonlyArray<string> {
    return this.#shown[0]?.args ?? []
  }

  /** Starts it by the first command of its README, or with other arguments. */
  start(env: Environment = {}, args = this.args): Program {
    const command = this.#shown[0]?.command ?? ""
    const runtime = this.#runtimes[command]
    if (runtime === undefined) throw new Error(`its README starts with ${command}`)
    const home = join(this.#directory, "home")
    mkdirSync(home, { recursive: true })
    return new Program(runtime, args, this.#directory, {
      ...strangers,
      HOME: home,
      TMPDIR: home,
      NO_COLOR: "1",
      ...env
    })
  }

  async listens(env: Environment = {}): Promise<Service> {
    const program = this.start({ PORT: "0", ...env })
    const url = await program.prints(/[Ll]istening on (http:\S+)\n/)
    return {
      program,
      get: async (path) => (await fetch(url + path)).text(),
      refuses: () => until("it takes no more connections", () => isRefused(url)),
      stop: async () => {
        program.signal("SIGTERM")
        const ended = await program.ended()
        return { ...ended, stdout: ended.stdout.replaceAll(url, origin) }
      }
    }
  }

  /** Does what its README says, and compares what is printed. */
  async keepsItsReadme(env: Environment = {}): Promise<void> {
    const [{ promised } = { promised: [] }, ...requests] = this.#shown
    if (requests.length === 0) return compare((await this.start(env).ended()).stdout, promised)
    const service = await this.listens(env)
    for (const { args, command, promised: answer } of requests) {
      const [url = ""] = args
      if (command !== "curl" || !url.startsWith(origin)) throw new Error(`its README wants to ${command} ${url}`)
      compare(await service.get(url.slice(origin.length)), answer)
    }
    compare((await service.stop()).stdout, promised)
  }
}
