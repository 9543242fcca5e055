import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Program } from "../Program.ts"
import type { Outcome, RunSuite } from "./suites.ts"

/** A worker: its code, its environment, and the date that says which changes of workerd it knows. */
interface Worker {
  readonly name: string
  readonly code: string
  readonly env?: Readonly<Record<string, string>>
  readonly compatibilityDate?: string
}

const configurationOf = ({ compatibilityDate = "2026-11-01", env = {}, name }: Worker): string => {
  const bindings = Object.entries(env).map(([key, value]) => `(name = "${key}", text = ${JSON.stringify(value)})`)
  // Without Node's modules, and with access to this machine, which workers do not have by default.
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      modules = [(name = "worker.mjs", esModule = embed "${name}.mjs")],
      bindings = [${bindings.join(", ")}],
      compatibilityDate = "${compatibilityDate}"
    )),
    (name = "internet", network = (allow = ["private", "public"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")]
);
`
}

/** Starts workerd with one worker, whose requests share one isolate. */
export const startWorker = async (workerd: string, directory: string, worker: Worker) => {
  writeFileSync(join(directory, `${worker.name}.mjs`), worker.code)
  writeFileSync(join(directory, `${worker.name}.capnp`), configurationOf(worker))
  const program = new Program(workerd, ["serve", `${worker.name}.capnp`, "--control-fd=1"], directory)
  const port = await program.prints(/"port":(\d+)/)
  return { url: `http://127.0.0.1:${port}`, close: () => program[Symbol.asyncDispose]() }
}

export const startWorkerd = async (workerd: string, directory: string, code: string) => {
  const { close, url } = await startWorker(workerd, directory, { name: "suites", code })
  const run: RunSuite = async (suite, settings) => {
    const response = await fetch(url, { method: "POST", body: JSON.stringify({ suite, settings }) })
    if (!response.ok) throw new Error(`workerd responded with ${response.status}: ${await response.text()}`)
    return (await response.json()) as ReadonlyArray<Outcome>
  }
  return { run, close }
}
