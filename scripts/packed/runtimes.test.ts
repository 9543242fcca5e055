// RUN-1: the same suites on the packed tarballs in every runtime that the packages are for.
import { join } from "node:path"
import { describe, expect } from "vitest"
import { provideChromium } from "../chromium.ts"
import { it as base } from "./fixtures.ts"
import { bundleProgram } from "./runtimes/bundleProgram.ts"
import { denials, flagsOf, permissions } from "./runtimes/denoPermissions.ts"
import { outcomesIn, report, skipWithout } from "./runtimes/report.ts"
import { startChromium } from "./runtimes/startChromium.ts"
import { startFakeHosts } from "./runtimes/startFakeHosts.ts"
import { startWorkerd } from "./runtimes/startWorkerd.ts"
import { everywhere, inNode, portable } from "./runtimes/suites.ts"

const it = base
  .extend("hosts", { scope: "file" }, async ({ testing }, { onCleanup }) => {
    const hosts = await startFakeHosts(testing)
    onCleanup(() => hosts.close())
    return hosts
  })
  .extend("settings", { scope: "file" }, ({ hosts, redis, work }) => ({
    driver: hosts.url,
    directory: join(work, "tokens"),
    redis
  }))
  .extend("bundle", { scope: "file" }, ({ project }) => bundleProgram(project.directory, "suites/portable.js"))
  .extend("workerd", { scope: "file" }, async ({ bundle, project, tools }, { onCleanup }) => {
    const workerd = await startWorkerd(tools.workerd, project.directory, bundle)
    onCleanup(workerd.close)
    return workerd
  })
  .extend("chromium", { scope: "file" }, async ({ bundle, hosts }, { onCleanup }) => {
    const binary = await provideChromium()
    if (binary === undefined) return undefined
    const chromium = await startChromium(binary, hosts.url.replace("127.0.0.1", "localhost"), bundle)
    onCleanup(chromium.close)
    return chromium
  })

const deno = ["run", "--no-prompt", "--node-modules-dir=manual"]

describe.for(["node22", "node24", "node26", "deno", "bun"] as const)("%s", (runtime) => {
  it.for(everywhere)("%s", async (suite, { project, settings, skip, task, tools }) => {
    if (/redis/i.test(suite) && settings.redis === "") return skipWithout("Redis", skip)
    const flags = runtime === "deno" ? [...deno, ...flagsOf(permissions[suite], settings)] : []
    const printed = await project.run(tools[runtime], ...flags, "suites/main.js", suite, JSON.stringify(settings))
    report(task, outcomesIn(printed))
  })
})

describe.for(["node22", "node24", "node26"] as const)("%s", (runtime) => {
  it.for(inNode)("$suite with the $undici undici", async ({ suite, undici }, { project, settings, task, tools }) => {
    const flags = undici === "oldest" ? ["--import", "./suites/oldestUndici.js"] : []
    const printed = await project.run(tools[runtime], ...flags, "suites/main.js", suite, JSON.stringify(settings))
    report(task, outcomesIn(printed))
  })
})

describe("deno with too few permissions", () => {
  it.for(denials)("$storage: the error names $names", async (denial, { project, settings, skip, tools }) => {
    if (settings.redis === "") return skipWithout("Redis", skip)
    const { given, names, ...options } = denial
    const argument = JSON.stringify({ ...options, ...settings })
    const printed = await project.run(tools.deno, ...deno, ...flagsOf(given, settings), "suites/denied.js", argument)
    expect(printed).toContain(flagsOf(names, settings)[0])
  })
})

describe("workerd", () => {
  it.for(portable)("%s", async (suite, { settings, task, workerd }) => {
    report(task, await workerd.run(suite, settings))
  })
})

describe("chromium", () => {
  it.for(portable)("%s", async (suite, { chromium, settings, skip, task }) => {
    if (chromium === undefined) return skipWithout("Chromium", skip)
    report(task, await chromium.run(suite, settings))
  })
})
