import { defineConfig } from "vitest/config"
import { project } from "../vitest.shared.ts"

/** Runs the examples of the documentation that are tests themselves. */
export default defineConfig({ ...project("examples"), test: { include: ["*.ts"] } })
