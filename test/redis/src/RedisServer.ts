import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createClient } from "redis"
import { findRedis } from "./findRedis.ts"
import { freePort } from "./freePort.ts"
import { until } from "./until.ts"

/** How a server is started. */
export interface ServerOptions {
  /** More settings, as on the command line without the dashes: `{ maxmemory: "3mb" }`. */
  readonly config?: Readonly<Record<string, string>>
  /** Starts a Sentinel with this configuration file. */
  readonly sentinelFile?: string
  readonly port?: number
}

/** A real server on a free port of the loopback, with its own folder. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** Sends one command on a new connection, as its administrator. */
  readonly command: (...args: ReadonlyArray<string>) => Promise<unknown>
  /** Sends a signal to the process, such as `SIGKILL`, `SIGSTOP` or `SIGCONT`. */
  readonly signal: (name: NodeJS.Signals) => void
  /** Kills the process and waits until it has ended. */
  readonly kill: () => Promise<void>
  /** Restarts it on the same port, with the data in its folder. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

const running = new Set<ChildProcess>()
// A test run that ends early must leave no server behind.
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")))

/** Sends one command, and leaves no connection open. */
const ask = async (port: number, args: ReadonlyArray<string>, password?: string): Promise<unknown> => {
  const client = createClient({
    ...(password === undefined ? undefined : { password }),
    socket: { host: "127.0.0.1", port, reconnectStrategy: false, connectTimeout: 60_000 },
    RESP: 2,
    disableClientInfo: true,
    maintNotifications: "disabled"
  })
  client.on("error", () => undefined)
  try {
    await client.connect()
    return await client.sendCommand([...args])
  } finally {
    client.destroy()
  }
}

const alive = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null

const launch = async (
  binary: string,
  args: ReadonlyArray<string>,
  ping: () => Promise<unknown>
): Promise<ChildProcess | undefined> => {
  const child = spawn(binary, args, { stdio: "ignore" })
  running.add(child)
  child.once("exit", () => running.delete(child))
  await until("The server responds", async () => !alive(child) || (await ping()) === "PONG")
  return alive(child) ? child : undefined
}

const end = async (child: ChildProcess): Promise<void> => {
  if (!alive(child)) return
  const exited = once(child, "exit")
  child.kill("SIGKILL")
  await exited
}

/** Starts a server; throws if there is none on the PATH. */
export const startServer = async (options: ServerOptions = {}): Promise<RedisServer> => {
  const binary = findRedis()
  if (binary === undefined) throw new Error("There is no valkey-server and no redis-server on the PATH")
  const folder = mkdtempSync(join(tmpdir(), "redis-server-"))
  const config = {
    bind: "127.0.0.1",
    dir: folder,
    save: "",
    // A script that loops must not block a test for long.
    "busy-reply-threshold": "1000",
    ...options.config
  }
  const settings = Object.entries(options.sentinelFile === undefined ? config : { dir: folder, bind: "127.0.0.1" })
  const password = options.config?.["requirepass"]
  const start = async (port: number) =>
    launch(
      binary,
      [
        ...(options.sentinelFile === undefined ? [] : [options.sentinelFile]),
        "--port",
        `${port}`,
        ...settings.flatMap(([name, value]) => [`--${name}`, value]),
        ...(options.sentinelFile === undefined ? [] : ["--sentinel"])
      ],
      () => ask(port, ["PING"], password)
    )

  let port = options.port ?? (await freePort())
  let child = await start(port)
  // Another process may take the free port before the server does.
  for (let tries = 1; child === undefined && tries < 5 && options.port === undefined; tries += 1) {
    port = await freePort()
    child = await start(port)
  }
  if (child === undefined) throw new Error(`${binary} does not start`)
  let process = child

  const stop = async () => {
    await end(process)
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    command: (...args) => ask(port, args, password),
    signal: (name) => void process.kill(name),
    kill: () => end(process),
    restart: async () => {
      await end(process)
      const next = await start(port)
      if (next === undefined) throw new Error(`${binary} does not start again on port ${port}`)
      process = next
    },
    stop,
    [Symbol.asyncDispose]: stop
  }
}
