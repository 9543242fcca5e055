import { defineConfig, mergeConfig } from "vitest/config"
import { project } from "../vitest.shared.ts"

// Each example is a process, so at most as many run at once as a small machine has cores.
export default mergeConfig(project("repository"), defineConfig({ test: { maxConcurrency: 2 } }))
