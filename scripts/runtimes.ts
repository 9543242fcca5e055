// `pnpm test:runtimes`: the same cases on the packed tarballs in artifacts/, installed with npm outside of this
// workspace, in every runtime that the packages are for (RUN-1).
import { cpSync, globSync, mkdtempSync, realpathSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { startServer } from "../test/redis/src/RedisServer.ts"
import { canInstall } from "./apt.ts"
import { provideChromium } from "./chromium.ts"
import { Consumer } from "./consume/Consumer.ts"
import { node22, node24 } from "./nodes.ts"
import { readManifest } from "./publicPackages.ts"
import { provideRedis } from "./redis.ts"
import { root } from "./root.ts"
import { startChromium } from "./runtimes/browser.ts"
import { bundle } from "./runtimes/bundle.ts"
import { type FakeHosts, startFakeHosts } from "./runtimes/fakeHosts.ts"
import { startBun, startDeno, startNode } from "./runtimes/processes.ts"
import { Report } from "./runtimes/Report.ts"
import type { Runtime } from "./runtimes/Runtime.ts"
import { startWorkerd } from "./runtimes/workerd.ts"
import { installTools } from "./tools.ts"

const tarballs = globSync("artifacts/tokenkeep-*-*.tgz", { cwd: root }).map((file) => join(root, file))
if (tarballs.length === 0) throw new Error('artifacts/ holds no tarball: run "pnpm artifacts" first')

/** The same versions as the tests of this repository use. */
const peers = ["effect", "ioredis", "ky", "redis"].map((name) => {
  const { dependencies, devDependencies } = readManifest(join(root, "test"))
  return `${name}@${dependencies?.[name] ?? devDependencies?.[name]}`
})

const only = process.argv.slice(2)
const isAsked = (name: string): boolean => only.length === 0 || only.some((part) => name.includes(part))

const work = realpathSync(mkdtempSync(join(tmpdir(), "runtimes-")))
const project = new Consumer(join(work, "project"))
// Where whatever is missing can be installed, there is no reason to leave anything out.
const report = new Report("runtimes", { complete: canInstall() })
const started = performance.now()

const installed = async (): Promise<FakeHosts> => {
  cpSync(join(root, "scripts/runtimes/cases"), project.directory, { recursive: true })
  await project.install(...peers, ...tarballs)
  const testing = createRequire(join(project.directory, "main.js")).resolve("@tokenkeep/deeply/testing")
  const { createFakeDeeply } = (await import(pathToFileURL(testing).href)) as {
    readonly createFakeDeeply: Parameters<typeof startFakeHosts>[0]
  }
  return startFakeHosts(createFakeDeeply, {
    "/": { type: "text/html", text: '<!doctype html><script type="module" src="/page.js"></script>' },
    "/page.js": { type: "text/javascript", text: await bundle(project.directory, "page.js") }
  })
}

let runs = 0

/** Runs a runtime's suites one after another, for the times to mean something. */
const runAll = async (runtime: Runtime & Partial<AsyncDisposable>, driver: string, redis: string | undefined) => {
  const row = `${runtime.name} ${runtime.version}`
  try {
    for (const suite of runtime.suites) {
      const run = `run-${(runs += 1)}`
      const settings = { driver, directory: join(work, run), redis: redis ?? "", run }
      if (/redis|denials/i.test(suite) && redis === undefined) report.leaveOut(`${row}, ${suite}`, "there is no Redis")
      else await report.suite(row, suite, () => runtime.run(suite, settings))
    }
  } finally {
    await runtime[Symbol.asyncDispose]?.()
  }
}

try {
  const tools = await installTools(join(work, "tools"))
  await using hosts = await installed()
  await using redis = (await provideRedis()) === undefined ? undefined : await startServer()
  const chromium = isAsked("Chromium") ? await provideChromium() : undefined
  console.log(`installed after ${((performance.now() - started) / 1_000).toFixed(1)} s`)

  const { directory } = project
  const starts: Readonly<Record<string, () => Promise<Runtime & Partial<AsyncDisposable>>>> = {
    "Node 22": () => startNode(directory, node22),
    "Node 24": () => startNode(directory, node24),
    "Node 26": () => startNode(directory, [process.execPath]),
    Deno: () => startDeno(directory, tools.deno),
    Bun: () => startBun(directory, tools.bun),
    workerd: () => startWorkerd(directory, tools.workerd),
    ...(chromium && { Chromium: () => startChromium(chromium, `http://localhost:${hosts.port}/`) })
  }
  for (const [name, start] of Object.entries(starts).filter(([known]) => isAsked(known))) {
    try {
      await runAll(await start(), `http://127.0.0.1:${hosts.port}`, redis?.url)
    } catch (error) {
      await report.suite(name, "starts", () => Promise.reject(error))
    }
  }
  if (chromium === undefined && isAsked("Chromium"))
    report.leaveOut("Chromium", "there is none, and apt cannot install it")
} finally {
  rmSync(work, { recursive: true, force: true })
  report.close()
}
