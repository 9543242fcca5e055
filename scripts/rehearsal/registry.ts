import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { outside } from "../outside.ts"
import { run } from "../run.ts"

export interface Registry extends AsyncDisposable {
  readonly url: string
  /** What a project's .npmrc says to use it, for installing and for publishing. */
  readonly npmrc: string
  /** Rejects when it ends by itself, with what it printed. */
  readonly failure: Promise<never>
  /** What it holds of one of our packages. */
  readonly listed: (name: string) => Promise<Listed>
}

interface Listed {
  readonly name: string
  readonly versions: string
  readonly latest: string
  /** The size of its newest tarball. */
  readonly tarball: string
}

/** What a registry answers about a package. */
interface Packument {
  readonly "dist-tags": { readonly latest: string }
  readonly versions: Readonly<Record<string, { readonly dist: { readonly tarball: string } }>>
}

/** Whatever is not ours is handed on from the registry that this machine is set up for. It is YAML, which JSON is too. */
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

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("no port")
  return address.port
}

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}-/ping`).then(
    ({ ok }) => ok,
    () => false
  )

const ready = async (url: string): Promise<void> => {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; await setTimeout(100)) {
    if (await answers(url)) return
  }
  throw new Error("the registry does not answer")
}

const get = async (url: string): Promise<Response> => {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`the registry answers ${response.status} for ${url}`)
  return response
}

const listed = async (url: string, name: string): Promise<Listed> => {
  const packument = (await (await get(url + name.replace("/", "%2f"))).json()) as Packument
  const { latest } = packument["dist-tags"]
  const tarball = await (await get(packument.versions[latest]!.dist.tarball)).arrayBuffer()
  const versions = Object.keys(packument.versions).join(", ")
  return { name, versions, latest, tarball: `${(tarball.byteLength / 1_000).toFixed(1)} kB` }
}

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill()
  await once(child, "close")
}

const failureOf = async (child: ChildProcess): Promise<never> => {
  let printed = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => (printed += text))
  }
  const [status, signal] = (await once(child, "close")) as [number | null, string | null]
  throw new Error(`the registry ended with ${status ?? signal}\n${printed}`)
}

/** What npm is set up with on this machine. */
const setting = async (name: string): Promise<string> =>
  (await run("npm", ["config", "get", name, "--loglevel=error"], { cwd: tmpdir(), env: outside })).trim()

/** An npm registry on loopback, with everything it keeps in `directory`. */
export const startRegistry = async (verdaccio: string, directory: string): Promise<Registry> => {
  mkdirSync(directory)
  const upstream = await setting("registry")
  // Behind a proxy with a certificate of its own, npm is told of that; Node has to be told as well.
  const authorities = await setting("cafile")
  const trusted = authorities === "null" ? undefined : { NODE_EXTRA_CA_CERTS: authorities }
  const config = join(directory, "config.yaml")
  writeFileSync(config, configuration(upstream, join(directory, "storage")))
  const host = `127.0.0.1:${await freePort()}`
  const url = `http://${host}/`
  const env = { ...trusted, ...process.env }
  const child = spawn(process.execPath, [verdaccio, "--config", config, "--listen", host], { cwd: directory, env })
  const failure = failureOf(child)
  const stopped = () => stop(child)
  try {
    await Promise.race([ready(url), failure])
  } catch (error) {
    await stopped()
    throw error
  }
  return {
    url,
    npmrc: `registry=${url}\n//${host}/:_authToken=rehearsal\n`,
    failure,
    listed: (name) => listed(url, name),
    [Symbol.asyncDispose]: stopped
  }
}
