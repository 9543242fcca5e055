import { once } from "node:events"
import { mkdirSync, readFileSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { matches } from "../../../test/docs/Examples.ts"
import { parsePage } from "../../../test/docs/Markdown.ts"
import { outside } from "../../outside.ts"
import { Program } from "../Program.ts"

export type Environment = Readonly<Record<string, string>>

/** A command that a README shows, with the output that it shows after it. */
interface Shown {
  readonly command: string
  readonly args: ReadonlyArray<string>
  readonly output: ReadonlyArray<string>
}

const shownIn = (directory: string): ReadonlyArray<Shown> =>
  parsePage(readFileSync(join(directory, "README.md"), "utf8"))
    .blocks.filter(({ language }) => language === "sh")
    .map(({ line, next, text }) => {
      const [command = "", ...args] = text.trim().split(" ")
      if (text.includes("\n") || next?.language !== "text") {
        throw new Error(`${directory}/README.md:${line} is not one command with its output`)
      }
      return { command, args, output: next.text.trimEnd().split("\n") }
    })

const compare = (printed: string, shown: ReadonlyArray<string>): void => {
  if (matches(printed.trimEnd().split("\n"), shown)) return
  throw new Error(`the README says\n${shown.join("\n")}\nand it printed\n${printed}`)
}

/** Where the READMEs say that a service listens. Here it is any free port. */
const origin = "http://127.0.0.1:8080"

/** Whether a new connection is refused. A request could reuse an open connection, and would keep that alive. */
const isRefused = async (url: string): Promise<boolean> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const connected = await once(socket, "connect").catch(() => undefined)
  socket.destroy()
  return connected === undefined
}

const isForApps = (name: string): boolean => /^(DEEPLY_|REDIS_|OTEL_|TOKEN_|XDG_|PORT$)/.test(name)
const environment = Object.fromEntries(Object.entries(outside).filter(([name]) => !isForApps(name)))

/** An installed sample app, run as its README says. */
export class App {
  readonly #directory: string
  readonly #runtimes: Readonly<Record<string, string>>
  readonly #shown: ReadonlyArray<Shown>

  constructor(directory: string, runtimes: Readonly<Record<string, string>>) {
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
    const fresh = { HOME: home, TMPDIR: home, NO_COLOR: "1" }
    return new Program(runtime, args, this.#directory, { ...environment, ...fresh, ...env })
  }

  /** Starts it as a service on a free port. */
  async listen(env: Environment = {}) {
    const program = this.start({ PORT: "0", ...env })
    const url = await program.prints(/[Ll]istening on (http:\S+)\n/)
    return {
      program,
      get: async (path: string) => (await fetch(url + path)).text(),
      refusesConnections: () => program.waitUntil("it refuses connections", () => isRefused(url)),
      /** Ends it as a supervisor would. */
      stop: async () => {
        program.signal("SIGTERM")
        const ended = await program.ended()
        return { ...ended, stdout: ended.stdout.replaceAll(url, origin) }
      }
    }
  }

  /** Does what its README says, and compares the output with what the README shows. */
  async followReadme(env: Environment = {}): Promise<void> {
    const [{ output } = { output: [] }, ...requests] = this.#shown
    if (requests.length === 0) return compare((await this.start(env).ended()).stdout, output)
    const service = await this.listen(env)
    for (const { args, command, output: response } of requests) {
      const [url = ""] = args
      if (command !== "curl" || !url.startsWith(origin)) throw new Error(`its README shows ${command} ${url}`)
      compare(await service.get(url.slice(origin.length)), response)
    }
    compare((await service.stop()).stdout, output)
  }
}
