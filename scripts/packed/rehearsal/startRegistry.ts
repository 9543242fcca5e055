import { mkdirSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePort } from "../../../test/redis/src/freePort.ts"
import { outside } from "../../outside.ts"
import { run } from "../../run.ts"
import { Program } from "../Program.ts"

/** YAML, which JSON is too. Packages that are not ours come from the registry that this machine is set up for. */
const configuration = (upstream: string, storage: string): string =>
  JSON.stringify({
    storage,
    max_body_size: "50mb",
    uplinks: { upstream: { url: upstream, timeout: "60s", maxage: "1h" } },
    packages: {
      "@tokenkeep/*": { access: "$all", publish: "$all" },
      tokenkeep: { access: "$all", publish: "$all" },
      "**": { access: "$all", proxy: "upstream" }
    },
    log: { type: "stdout", format: "pretty", level: "warn" }
  })

/** A setting of npm on this machine. */
const npmSetting = async (name: string): Promise<string> =>
  (await run("npm", ["config", "get", name, "--loglevel=error"], { cwd: tmpdir(), env: outside })).trim()

export interface Registry {
  readonly url: string
  /** The .npmrc of a project that installs from it or publishes to it. */
  readonly npmrc: string
}

/** Starts an npm registry on loopback, which keeps everything in `directory`. */
export const startRegistry = async (verdaccio: string, directory: string) => {
  mkdirSync(directory)
  const config = join(directory, "config.yaml")
  writeFileSync(config, configuration(await npmSetting("registry"), join(directory, "storage")))
  // Where npm trusts the certificate of a proxy, Node must trust it too.
  const certificates = await npmSetting("cafile")
  const env = { ...(certificates !== "null" && { NODE_EXTRA_CA_CERTS: certificates }), ...process.env }
  const host = `127.0.0.1:${await freePort()}`
  const url = `http://${host}/`
  const program = new Program(process.execPath, [verdaccio, "--config", config, "--listen", host], directory, env)
  await program.waitUntil("the registry responds", async () => (await fetch(`${url}-/ping`)).ok)
  const registry: Registry = { url, npmrc: `registry=${url}\n//${host}/:_authToken=rehearsal\n` }
  return { ...registry, close: () => program[Symbol.asyncDispose]() }
}
