import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const sources = join(dirname(fileURLToPath(import.meta.resolve("effect/package.json"))), "src")

/** Effect ships its sources, in which the docstring of each module says how stable it is. */
export const effectStability = (module: string): string | undefined => {
  const file = [`${module}.ts`, `${module}/index.ts`].map((name) => join(sources, name)).find(existsSync)
  if (file === undefined) return undefined
  return /@stability (\w+)/.exec(readFileSync(file, "utf8"))?.[1]
}
