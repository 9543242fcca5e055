// `pnpm artifacts`: packs every built public package into artifacts/, as npm would receive it from this commit.
import { mkdirSync, rmSync } from "node:fs"
import { join, relative } from "node:path"
import { packAll } from "./publicPackages.ts"
import { root } from "./root.ts"

const artifacts = join(root, "artifacts")
rmSync(artifacts, { recursive: true, force: true })
mkdirSync(artifacts)
for (const { tarball } of await packAll(artifacts)) console.log(relative(root, tarball))
