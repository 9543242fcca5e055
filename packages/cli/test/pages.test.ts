import { spawn } from "node:child_process"
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { once } from "node:events"
import { text } from "node:stream/consumers"
import { describe, expect, it } from "vitest"
import { main, temporaryHome } from "./support/startCli.ts"

const packageFolder = join(import.meta.dirname, "..")
const pages = ["../../docs/command-line.md", "../../docs/sidecar.md"]

interface Step {
  readonly command: string
  /** What the page says that it prints; an ellipsis stands for any text. */
  readonly printed: string | undefined
}

const stepsOf = (page: string): ReadonlyArray<Step> =>
  Array.from(
    readFileSync(join(packageFolder, page), "utf8").matchAll(
      /```sh\n([\s\S]*?)\n```\n(?:\n```text\n([\s\S]*?)\n```)?/g
    ),
    ([, command = "", printed]) => ({ command, printed })
  )

const escaped = (literal: string) => literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
const patternOf = (printed: string) => new RegExp(`^${printed.split("…").map(escaped).join("[^]*")}`)

/** A shell in which `tokenkeep` is the command from this folder, and nothing of this machine is configured. */
const openShell = (home: string) => {
  const bin = join(home, "bin")
  mkdirSync(bin)
  writeFileSync(join(bin, "tokenkeep"), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`)
  chmodSync(join(bin, "tokenkeep"), 0o755)
  return (command: string, env: Readonly<Record<string, string>>) =>
    spawn("bash", ["-c", command], {
      cwd: home,
      env: { HOME: home, PATH: `${bin}:${process.env["PATH"]}`, ...env },
      stdio: ["ignore", "pipe", "pipe"]
    })
}

type Shell = ReturnType<ReturnType<typeof openShell>>

/** A server runs beside the commands that follow it; here it takes a free port. */
const isServer = ({ command }: Step) => /^tokenkeep (?:fake|serve)\b/.test(command)

/** Starts a server; its first output sets the variables of the commands after it. */
const startServer = async (child: Shell, { command }: Step, env: Record<string, string>): Promise<string> => {
  const printed = String((await once(child.stdout, "data"))[0])
  for (const [, name = "", value = ""] of printed.matchAll(/^export (\w+)=(.*)$/gm)) env[name] = value
  // The page shows the port that the server takes without an option.
  const port = command.startsWith("tokenkeep fake") ? 8100 : 8787
  return printed.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`)
}

const run = async ({ stderr, stdout }: Shell): Promise<string> => {
  const [printed, errors] = await Promise.all([text(stdout), text(stderr)])
  return errors + printed
}

describe.each(pages)("%s", (page) => {
  it("prints what it says, from its first command to its last", async () => {
    using home = temporaryHome()
    const shell = openShell(home.path)
    const env: Record<string, string> = {}
    const servers: Array<Shell> = []
    const wrong: Array<Step & { readonly actual: string }> = []
    for (const step of stepsOf(page)) {
      const child = shell(isServer(step) ? `exec ${step.command} --listen 127.0.0.1:0` : step.command, env)
      if (isServer(step)) servers.push(child)
      const actual = await (isServer(step) ? startServer(child, step, env) : run(child))
      if (step.printed !== undefined && !patternOf(step.printed).test(actual)) wrong.push({ ...step, actual })
    }
    expect(wrong).toEqual([])
    for (const server of servers) server.kill("SIGINT")
    const codes = await Promise.all(servers.map(async (server) => (await once(server, "close"))[0] as number))
    expect(codes).toEqual(servers.map(() => 0))
  })
})
