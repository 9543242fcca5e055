import { join } from "node:path"
import { mergeConfig } from "vitest/config"
import { project } from "../../vitest.shared.ts"

const dist = join(import.meta.dirname, "dist")

/** The tests run against the built package. */
export default mergeConfig(project("tokenkeep"), {
  resolve: {
    alias: [
      { find: /^tokenkeep$/, replacement: join(dist, "index.js") },
      { find: /^tokenkeep\/(file|redis|ky|undici|opentelemetry|testing)$/, replacement: join(dist, "$1.js") }
    ]
  }
})
