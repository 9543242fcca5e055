// The packed package in what is too large for the workspace: a Next.js application and a test of Jest, as the pages show them.
import { mkdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, onTestFinished } from "vitest"
import type { RunningFakeDeeply } from "../../packages/providers/deeply/src/testing/index.ts"
import { type Block, parsePage } from "../../test/docs/Markdown.ts"
import { outside } from "../outside.ts"
import { root } from "../root.ts"
import { it } from "./fixtures.ts"
import { tarballs } from "./installProject.ts"
import { Program } from "./Program.ts"
import { Project } from "./Project.ts"

const { tokenkeep = "" } = tarballs

const blocksOf = (page: string): ReadonlyArray<Block> => parsePage(readFileSync(join(root, page), "utf8")).blocks

/** The files of the application that docs/frameworks.md shows: the first line of each block is its name. */
const application: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    blocksOf("docs/frameworks.md").flatMap(({ language, text }) => {
      const [, name = ""] = /^\/\/ (\S+)\n/.exec(text) ?? []
      return language === "tsx" ? [[name, text]] : []
    })
  ),
  "app/layout.tsx":
    'export default ({ children }: { children: any }) => <html lang="en"><body>{children}</body></html>\n'
}

describe("Next.js", () => {
  const packages = [
    "next@16.4.6",
    "react@19.3.1",
    "react-dom@19.3.1",
    "typescript@5.9.3",
    "@types/node@26.6.6",
    "@types/react@19.3.3"
  ]

  it("builds without a key, and shares one token between pages, route handlers and reloads", async ({
    testing,
    tools,
    work
  }) => {
    const env = { NEXT_TELEMETRY_DISABLED: "1" }
    const project = await new Project(join(work, "next"), {}, env).install(...packages, tokenkeep)
    for (const [file, text] of Object.entries(application)) {
      mkdirSync(dirname(join(project.directory, file)), { recursive: true })
      project.write(file, text)
    }
    await project.run(tools.node24, "node_modules/next/dist/bin/next", "build")

    const fake = await testing.startFakeDeeply({ rateLimits: false })
    onTestFinished(() => fake.close())

    for (const command of ["start", "dev"]) {
      const before = fake.stats.tokenRequests
      const next = startNext(tools.node24, project, command, fake)
      const url = await next.prints(/Local: +(http:\S+)\n/)
      const [page, handler] = [() => fetch(url), () => fetch(`${url}/api/mics`)]
      expect(await (await page()).text()).toContain("<li>Lobby</li>")
      expect(await (await handler()).json()).toMatchObject({ total_cnt: 5 })
      if (command === "dev") {
        project.write("deeply.ts", `${application["deeply.ts"]}\nconsole.log("reloaded")\n`)
        await next.waitUntil("the module is evaluated again", async () => {
          await (await handler()).text()
          return next.hasPrinted("reloaded")
        })
        expect(await (await page()).text()).toContain("<li>Lobby</li>")
      }
      expect({ command, tokenRequests: fake.stats.tokenRequests - before }).toEqual({ command, tokenRequests: 1 })
      fake.revokeTokens()
      next.signal("SIGTERM")
      await next.ended(command === "start" ? 143 : 0)
    }
  })
})

const startNext = (
  node: string,
  { directory }: Project,
  command: string,
  { apiKey, url }: RunningFakeDeeply
): Program =>
  new Program(node, ["node_modules/next/dist/bin/next", command, "-p", "0"], directory, {
    ...outside,
    NEXT_TELEMETRY_DISABLED: "1",
    DEEPLY_API_KEY: apiKey,
    DEEPLY_HOST: url
  })

describe("Jest", () => {
  it("runs the test of the page, with fake timers", async ({ tools, work }) => {
    const env = { NODE_OPTIONS: "--experimental-vm-modules" }
    const project = await new Project(join(work, "jest"), { jest: { transform: {} } }, env).install(
      "jest@30.5.2",
      tokenkeep
    )
    const test = blocksOf("docs/testing.md").find(({ text }) => text.includes('from "@jest/globals"'))
    project.write("mics.test.js", test?.text ?? "")
    await project.run(tools.node24, "node_modules/jest/bin/jest.js", "--ci")
  })
})
