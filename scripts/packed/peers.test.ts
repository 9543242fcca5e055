// The packed packages with the lowest and the highest version of each range in which they accept a peer.
import { cpSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { describe } from "vitest"
import { startCluster } from "../../test/redis/src/RedisCluster.ts"
import { it as base } from "./fixtures.ts"
import { tarballs } from "./installProject.ts"
import { peerVersions } from "./peers/peerVersions.ts"
import { Project } from "./Project.ts"
import { outcomesIn, report, skipWithout } from "./runtimes/report.ts"

/** The suites of programs/suites that test a peer. The version of effect matters to all of them. */
const suitesOf = {
  "@opentelemetry/api": ["opentelemetry"],
  effect: [],
  ioredis: ["ioredis", "redisClients"],
  ky: ["ky"],
  redis: ["redis", "redisClients"],
  undici: ["undici"]
}

const peers = Object.keys(suitesOf) as ReadonlyArray<keyof typeof suitesOf>

const versions = await Promise.all(peers.map(peerVersions))

/** One version of each peer for each project. A peer with fewer versions stays at its highest, and is not tested again. */
const projects = Array.from({ length: Math.max(...versions.map(({ length }) => length)) }, (_, row) => {
  const packages = peers.map((peer, index) => `${peer}@${versions[index]?.[row] ?? versions[index]?.at(-1)}`)
  const suites = peers.flatMap((peer, index) => (versions[index]?.[row] === undefined ? [] : suitesOf[peer]))
  return { row, packages, suites: [...new Set(suites)], title: packages.join(" ") }
})

const installed = new Map<number, Promise<Project>>()

const it = base
  .extend("install", { scope: "file" }, ({ work }) => ({ packages, row }: (typeof projects)[number]) => {
    const project = new Project(join(work, `peers-${row}`))
    cpSync(join(import.meta.dirname, "programs/suites"), join(project.directory, "suites"), { recursive: true })
    return project.install(...packages, ...Object.values(tarballs))
  })
  .extend("cluster", { scope: "file" }, async ({ redis }, { onCleanup }) => {
    if (redis === "") return []
    const cluster = await startCluster()
    onCleanup(cluster.stop)
    return cluster.masters.map(({ port }) => ({ host: "127.0.0.1", port }))
  })

describe.concurrent.for(projects)("$title", { timeout: 180_000 }, (project) => {
  it.for(project.suites)("%s", async (suite, { cluster, install, redis, skip, task }) => {
    if (/redis/.test(suite) && redis === "") return skipWithout("Redis", skip)
    const installing = installed.get(project.row) ?? install(project)
    installed.set(project.row, installing)
    // node-redis 5.0 needs much time to create a client, in which the others cannot connect.
    const settings = JSON.stringify({ cluster, concurrency: 4, redis })
    report(task, outcomesIn(await (await installing).run(process.execPath, "suites/main.js", suite, settings)))
  })
})
