import { defineConfig, mergeConfig } from "vitest/config"
import { project } from "../../../vitest.shared.ts"

export default mergeConfig(
  project("redis", { isolate: false }),
  defineConfig({ test: { setupFiles: "test/support/clientClasses.ts", maxWorkers: 2 } })
)
