import type { TestProject } from "vitest/node"
import { provideChromium } from "../../../../scripts/chromium.ts"

declare module "vitest" {
  interface ProvidedContext {
    readonly chromium: string | undefined
  }
}

export const setup = async (project: TestProject): Promise<void> => {
  project.provide("chromium", await provideChromium())
}
