import { join } from "node:path"
import { defineConfig } from "vitest/config"
import { root } from "../root.ts"

export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ["*.test.ts"],
    // One worker runs all files, so that what fixtures.ts installs and starts serves all of them.
    fileParallelism: false,
    isolate: false,
    // For the tests that may run at once: each is a process, or waits for one.
    maxConcurrency: 3,
    // For tests that hang: npm on a busy machine may take minutes.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // The worker deletes all that was installed, which may take minutes on a busy machine.
    teardownTimeout: 600_000,
    reporters: ["verbose", ["json", { outputFile: join(root, ".vitest/packed.json") }]]
  }
})
