import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { makeConsoleFeed } from "console-page"
import { startStorage, type StorageKind } from "fleet"
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startServer } from "redis-servers"
import { startConsoleServer } from "./ConsoleServer.ts"
import { makeFaults } from "./faults.ts"
import { makeFleetReporter } from "./reportFleet.ts"
import { startDemoFleet } from "./startDemoFleet.ts"

export interface ConsoleOptions {
  readonly processes: number
  readonly storage: StorageKind
  /** 0 for a free port. */
  readonly port: number
  /** Milliseconds. Default 12,000: several tokens fit into the picture. */
  readonly tokenLifetime?: number
}

const callers = 8
const reportEvery = 100
const flushEvery = 1_000

/** A file that always contains a complete API key, as a mounted secret does. */
const makeKeyFile = () => {
  const folder = mkdtempSync(join(tmpdir(), "tokenkeep-key-"))
  const path = join(folder, "api-key")
  return {
    path,
    save: (apiKey: string): void => {
      writeFileSync(`${path}.next`, apiKey, { mode: 0o600 })
      renameSync(`${path}.next`, path)
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true })
  }
}

/** The Redis at `REDIS_URL`, or a storage that is started for the demo. Only its own Redis can be stopped. */
const openStorage = async (storage: StorageKind) => {
  const url = process.env["REDIS_URL"]
  if (storage === "file") return { ...(await startStorage("file")), redis: undefined }
  if (url !== undefined) return { url, redis: undefined, [Symbol.asyncDispose]: () => Promise.resolve() }
  const redis = await startServer()
  return { url: redis.url, redis, [Symbol.asyncDispose]: redis.stop }
}

/** Starts a fleet of processes that share one token, and the page that shows it. */
export const startConsole = async ({ port, processes, storage, tokenLifetime = 12_000 }: ConsoleOptions) => {
  await using resources = new AsyncDisposableStack()
  const server = resources.use(
    await startFakeDeeply({ rateLimits: false, jwt: true, tokenLifetime, tokenRequestLatency: 100 })
  )
  const shared = resources.use(await openStorage(storage))
  const keyFile = resources.use(makeKeyFile())
  keyFile.save(server.apiKey)

  const feed = makeConsoleFeed({
    title: `${processes} processes with ${callers} callers each share one API key through ${storage === "file" ? "files" : "Redis"}`,
    window: 60_000,
    interval: 1_000,
    now: Date.now
  })
  const options = {
    storageUrl: shared.url,
    apiKey: "",
    apiKeyFile: keyFile.path,
    host: server.url,
    callers,
    deadline: 10_000,
    pause: 500
  }
  const fleet = resources.use(await startDemoFleet(processes, options, feed))
  const report = makeFleetReporter(feed, fleet.slots, server)
  const reports = setInterval(report, reportEvery)
  const flushes = setInterval(feed.flush, flushEvery)
  resources.defer(() => {
    clearInterval(reports)
    clearInterval(flushes)
  })

  const controls = makeFaults({ server, fleet, feed, redis: shared.redis, saveKey: keyFile.save })
  let consoleServer = await startConsoleServer({ feed, controls, port })
  resources.defer(() => consoleServer[Symbol.asyncDispose]())

  const owned = resources.move()
  return {
    server,
    feed,
    url: consoleServer.url,
    /** Restarts the server of the page on the same port, as an update would. */
    restartServer: async (whileDown: () => Promise<void>): Promise<void> => {
      await consoleServer[Symbol.asyncDispose]()
      await whileDown()
      consoleServer = await startConsoleServer({ feed, controls, port: consoleServer.port })
    },
    /** Ends the processes after their requests in flight, and reports all that they have done. */
    stopFleet: async (): Promise<void> => {
      await fleet.stop()
      report()
      feed.flush()
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose]()
  }
}
