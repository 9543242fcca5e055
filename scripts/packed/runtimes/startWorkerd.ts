import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Program } from "../Program.ts"
import type { Outcome, RunSuite } from "./suites.ts"

/** Without Node's modules, and with access to this machine, which workers do not have by default. */
const configuration = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "suites", worker = (modules = [(name = "worker.mjs", esModule = embed "worker.mjs")], compatibilityDate = "2026-11-01")),
    (name = "internet", network = (allow = ["private", "public"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "suites")]
);
`

export const startWorkerd = async (workerd: string, directory: string, bundle: string) => {
  writeFileSync(join(directory, "worker.mjs"), bundle)
  writeFileSync(join(directory, "workerd.capnp"), configuration)
  const program = new Program(workerd, ["serve", "workerd.capnp", "--control-fd=1"], directory)
  const port = await program.prints(/"port":(\d+)/)
  const run: RunSuite = async (suite, settings) => {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      body: JSON.stringify({ suite, settings })
    })
    if (!response.ok) throw new Error(`workerd responded with ${response.status}: ${await response.text()}`)
    return (await response.json()) as ReadonlyArray<Outcome>
  }
  return { run, close: () => program[Symbol.asyncDispose]() }
}
