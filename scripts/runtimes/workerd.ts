import { spawn } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import type { Readable } from "node:stream"
import { run } from "../run.ts"
import { bundle } from "./bundle.ts"
import { type Outcome, portable, type Runtime } from "./Runtime.ts"

/** Without Node's modules, and with this machine to talk to, which workers may not by default. */
const configuration = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "suites", worker = (modules = [(name = "worker.mjs", esModule = embed "worker.mjs")], compatibilityDate = "2026-11-01")),
    (name = "internet", network = (allow = ["private", "public"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "suites")]
);
`

const portOf = async (control: Readable): Promise<number> => {
  let told = ""
  for await (const chunk of control.setEncoding("utf8")) {
    told += chunk as string
    const port = /"port":(\d+)/.exec(told)?.[1]
    if (port !== undefined) return Number(port)
  }
  throw new Error(`workerd did not tell its port, but: ${told}`)
}

export const startWorkerd = async (directory: string, binary: string): Promise<Runtime & AsyncDisposable> => {
  writeFileSync(join(directory, "worker.mjs"), await bundle(directory, "worker.js"))
  writeFileSync(join(directory, "workerd.capnp"), configuration)
  const version = (await run(binary, ["--version"])).trim().replace("workerd ", "")
  const child = spawn(binary, ["serve", "workerd.capnp", "--control-fd=3"], {
    cwd: directory,
    stdio: ["ignore", "ignore", "pipe", "pipe"]
  })
  const complaints = text(child.stderr as Readable)
  const ended = once(child, "close")
  const failure = ended.then(async () => {
    throw new Error(`workerd ended:\n${await complaints}`)
  })
  failure.catch(() => undefined)
  const port = await Promise.race([portOf(child.stdio[3] as Readable), failure])
  return {
    name: "workerd",
    version,
    suites: portable,
    run: async (suite, settings) => {
      const body = JSON.stringify({ suite, settings })
      const asked = fetch(`http://127.0.0.1:${port}/`, { method: "POST", body, signal: AbortSignal.timeout(180_000) })
      const response = await Promise.race([asked, failure])
      const answer = await response.text()
      if (!response.ok) throw new Error(`workerd answered ${response.status}: ${answer}`)
      return JSON.parse(answer) as ReadonlyArray<Outcome>
    },
    [Symbol.asyncDispose]: async () => {
      child.kill()
      await ended
    }
  }
}
