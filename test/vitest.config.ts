import { defineConfig, mergeConfig } from "vitest/config"
import { project } from "../vitest.shared.ts"

// Each example is a process of its own: no more of them at once than a small machine has cores.
export default mergeConfig(project("repository"), defineConfig({ test: { maxConcurrency: 2 } }))
