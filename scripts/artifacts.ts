// `pnpm artifacts`: packs every built public package into artifacts/, as npm would receive it from this commit.
import { mkdirSync, rmSync } from "node:fs"
import { join, relative } from "node:path"
import { preparePages } from "./packedPages.ts"
import { publicPackages, tarballName } from "./publicPackages.ts"
import { root } from "./root.ts"
import { run } from "./run.ts"

const artifacts = join(root, "artifacts")
rmSync(artifacts, { recursive: true, force: true })
mkdirSync(artifacts)
for (const { dir, manifest } of publicPackages()) {
  const restore = preparePages(dir)
  try {
    await run("pnpm", ["pack", "--pack-destination", artifacts], { cwd: dir })
  } finally {
    restore()
  }
  console.log(relative(root, join(artifacts, tarballName(manifest))))
}
