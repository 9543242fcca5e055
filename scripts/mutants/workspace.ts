import { existsSync } from "node:fs"
import { cp, mkdir, mkdtemp, readdir, realpath, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { root } from "../root.ts"
import { run } from "../run.ts"

/** Links are copied as they are: those to a package of the workspace are relative, and lead into the copy. */
const copyLinks = async (from: string, to: string): Promise<void> => {
  await mkdir(to, { recursive: true })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isSymbolicLink()) await cp(source, target, { verbatimSymlinks: true })
    else if (entry.isDirectory() && entry.name.startsWith("@")) await copyLinks(source, target)
  }
}

/** What is installed is shared with the copy, but for the caches. */
const shareModules = async (copy: string): Promise<void> => {
  await mkdir(join(copy, "node_modules"))
  for (const name of await readdir(join(root, "node_modules"))) {
    const isShared = name === ".pnpm" || name === ".bin" || !name.startsWith(".")
    if (isShared) await symlink(join(root, "node_modules", name), join(copy, "node_modules", name))
  }
}

/** A copy of the repository in a folder of its own, whose packages import each other and nothing of the original. */
export const copyWorkspace = async (): Promise<string> => {
  const copy = await realpath(await mkdtemp(join(tmpdir(), "tokenkeep-mutants-")))
  const listed = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root })
  const files = listed.split("\0").filter((file) => file !== "" && existsSync(join(root, file)))
  for (const file of files) {
    await mkdir(dirname(join(copy, file)), { recursive: true })
    await cp(join(root, file), join(copy, file))
  }
  await shareModules(copy)
  const packages = files.filter((file) => /^packages\/.+\/package\.json$/.test(file)).map(dirname)
  for (const folder of packages.filter((name) => existsSync(join(root, name, "node_modules")))) {
    await copyLinks(join(root, folder, "node_modules"), join(copy, folder, "node_modules"))
  }
  const core = await realpath(join(copy, "packages/providers/deeply/node_modules/@tokenkeep/core"))
  if (core !== join(copy, "packages/core")) throw new Error(`The copy imports ${core}, which is not its own.`)
  return copy
}
