import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { test } from "vitest"
import type * as Testing from "../../packages/providers/deeply/src/testing/index.ts"
import { startServer } from "../../test/redis/src/RedisServer.ts"
import { provideRedis } from "../redis.ts"
import { installProject } from "./installProject.ts"
import { installTools } from "./installTools.ts"
import { endAllPrograms } from "./Program.ts"

/** Vitest sets up a fixture again for each file that extends `it`: this keeps the first one for the whole run. */
const once = <Args extends ReadonlyArray<unknown>, A>(make: (...args: Args) => A): ((...args: Args) => A) => {
  let made: { readonly value: A } | undefined
  return (...args) => (made ??= { value: make(...args) }).value
}

// Outside of this workspace, whose packages must not be found from there.
const makeWork = once(() => realpathSync(mkdtempSync(join(tmpdir(), "packed-"))))
const makeTools = once((work: string) => installTools(join(work, "tools")))
const makeProject = once((work: string) => installProject(join(work, "project")))
const makeRedis = once(async () => ((await provideRedis()) === undefined ? undefined : startServer()))

/** A test gets what it names. That is installed or started for the first test that needs it, and removed at the end. */
export const it = test
  .extend("work", { scope: "worker" }, ({}, { onCleanup }) => {
    const work = makeWork()
    onCleanup(() => {
      endAllPrograms()
      rmSync(work, { recursive: true, force: true })
    })
    return work
  })
  .extend("tools", { scope: "worker" }, ({ work }) => makeTools(work))
  .extend("project", { scope: "worker" }, ({ work }) => makeProject(work))
  /** The fake server of the installed package. */
  .extend("testing", { scope: "worker" }, ({ project: { directory } }) => {
    const { resolve } = createRequire(join(directory, "package.json"))
    return import(pathToFileURL(resolve("@tokenkeep/deeply/testing")).href) as Promise<typeof Testing>
  })
  .extend("redis", { scope: "worker" }, async ({}, { onCleanup }) => {
    const server = await makeRedis()
    onCleanup(() => server?.stop())
    return server?.url ?? ""
  })
