import { execFileSync } from "node:child_process"
import { join } from "node:path"
import type { TestProject } from "vitest/node"
import { provideChromium } from "../../../../scripts/chromium.ts"

declare module "vitest" {
  interface ProvidedContext {
    readonly chromium: string | undefined
  }
}

/** Tests run the command hundreds of times: from its source, each start would take three times as long. */
const buildCommand = (): void => {
  const options = { cwd: join(import.meta.dirname, "../.."), stdio: "inherit" } as const
  execFileSync(process.execPath, ["--conditions=@tokenkeep/source", "build.ts"], options)
}

export const setup = async (project: TestProject): Promise<void> => {
  buildCommand()
  project.provide("chromium", await provideChromium())
}
