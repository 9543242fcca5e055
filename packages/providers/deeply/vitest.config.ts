import { defineConfig, mergeConfig } from "vitest/config"
import { project } from "../../../vitest.shared.ts"

export default mergeConfig(project("deeply", { isolate: false }), defineConfig({ test: { maxWorkers: 2 } }))
