import { defineConfig } from "vitest/config"
import { project } from "../vitest.shared.ts"

/** Runs those examples of the documentation that are tests. */
export default defineConfig({ ...project("examples"), test: { include: ["*.ts"] } })
