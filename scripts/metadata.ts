// `pnpm metadata`: copies what a registry shows about this repository from the root manifest into every public one.
import { writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { publicPackages, readManifest } from "./publicPackages.ts"
import { root } from "./root.ts"

const { bugs, homepage, repository } = readManifest(root)

for (const { dir, manifest } of publicPackages()) {
  const { license, ...rest } = manifest
  const entries = Object.entries(rest).filter(([key]) => !["bugs", "homepage", "repository"].includes(key))
  const after = entries.findIndex(([key]) => key === "files" || key === "bin" || key === "type")
  const fields = { homepage, bugs, license, repository: { ...repository, directory: relative(root, dir) } }
  const ordered = [...entries.slice(0, after), ...Object.entries(fields), ...entries.slice(after)]
  writeFileSync(join(dir, "package.json"), `${JSON.stringify(Object.fromEntries(ordered), undefined, 2)}\n`)
}
