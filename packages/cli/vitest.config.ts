import { defineConfig, mergeConfig } from "vitest/config"
import { project } from "../../vitest.shared.ts"

export default mergeConfig(
  project("cli", { isolate: false }),
  defineConfig({ test: { globalSetup: "test/support/setup.ts", maxWorkers: 3 } })
)
