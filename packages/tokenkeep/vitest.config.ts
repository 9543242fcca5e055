import { join } from "node:path"
import { mergeConfig } from "vitest/config"
import { project } from "../../vitest.shared.ts"

const dist = join(import.meta.dirname, "dist")

/** What is tested is what is shipped: the bundle, built before. */
export default mergeConfig(project("tokenkeep"), {
  resolve: {
    alias: [
      { find: /^tokenkeep$/, replacement: join(dist, "index.js") },
      { find: /^tokenkeep\/testing$/, replacement: join(dist, "testing.js") }
    ]
  }
})
