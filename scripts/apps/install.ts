import { cpSync, globSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Consumer } from "../consume/Consumer.ts"
import type { Manifest } from "../publicPackages.ts"
import { root } from "../root.ts"

/** Where a package of this workspace is packed. */
const tarballOf = (name: string): string => {
  const [tarball] = globSync(`artifacts/${name.replace("@", "").replace("/", "-")}-[0-9]*.tgz`, { cwd: root })
  if (tarball === undefined) throw new Error('artifacts/ does not hold what was packed: run "pnpm artifacts" first')
  return `file:${join(root, tarball)}`
}

/** What there is of an app besides its ties to this workspace. */
const parts = ["README.md", "package.json", "src"]

/** Copies apps to where nothing of this workspace is, and installs what their manifests name, from tarballs. */
export const install = async (consumer: Consumer, names: ReadonlyArray<string>): Promise<void> => {
  for (const name of names) {
    const directory = join(consumer.directory, name)
    for (const part of parts) cpSync(join(root, "apps", name, part), join(directory, part), { recursive: true })
    const file = join(directory, "package.json")
    const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest
    const dependencies = Object.entries(manifest.dependencies ?? {}).map(([dependency, range]) => [
      dependency,
      range.startsWith("workspace:") ? tarballOf(dependency) : range
    ])
    writeFileSync(file, JSON.stringify({ ...manifest, dependencies: Object.fromEntries(dependencies) }))
  }
  const tarballs = globSync("artifacts/*.tgz", { cwd: root }).map((file) => join(root, file))
  consumer.write("package.json", JSON.stringify({ name: "apps", private: true, type: "module", workspaces: names }))
  await consumer.install(...tarballs)
}
