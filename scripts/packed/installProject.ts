import { cpSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Manifest, publicPackages, readManifest, tarballName } from "../publicPackages.ts"
import { root } from "../root.ts"
import { Project } from "./Project.ts"

/** The sample apps that are run on the packed packages. */
const apps = [
  "plain-promise",
  "effect-service",
  "ky-client",
  "deno-edge",
  "bun-service",
  "worker-redis",
  "oauth2-worker"
]

/** The tarball of each public package, as `pnpm artifacts` packs it. */
export const tarballs: Readonly<Record<string, string>> = Object.fromEntries(
  publicPackages().map(({ manifest }) => [manifest.name, join(root, "artifacts", tarballName(manifest))])
)

const { dependencies, devDependencies } = readManifest(join(root, "test"))

/** The version that the tests of this repository use. */
const versionOf = (name: string): string => ({ ...devDependencies, ...dependencies })[name] ?? "latest"

const transportUndici = readManifest(join(root, "packages/transports/undici"))

/** The oldest version of undici that the transport supports, under a name of its own. */
const oldestUndici = transportUndici.devDependencies?.["undici-7"] ?? ""

/** Copies an app without its ties to this workspace: its manifest names tarballs. */
const copyApp = (name: string, directory: string): void => {
  for (const part of ["README.md", "package.json", "src"]) {
    cpSync(join(root, "apps", name, part), join(directory, part), { recursive: true })
  }
  const file = join(directory, "package.json")
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest
  const entries = Object.entries(manifest.dependencies ?? {}).map(([dependency, range]) => [
    dependency,
    range.startsWith("workspace:") ? `file:${tarballs[dependency]}` : range
  ])
  writeFileSync(file, JSON.stringify({ ...manifest, dependencies: Object.fromEntries(entries) }))
}

/** The peers of the packages, in the versions that the tests of this repository use. */
export const peersOfProject = ["effect", "ioredis", "ky", "redis", "undici"].map((name) => `${name}@${versionOf(name)}`)

/** One project with all that the tests run: programs/, the sample apps, every tarball and what those need. */
export const installProject = async (directory: string): Promise<Project> => {
  cpSync(join(import.meta.dirname, "programs"), directory, { recursive: true })
  for (const app of apps) copyApp(app, join(directory, app))
  const project = new Project(directory, { workspaces: ["vault", ...apps] })
  return project.install(...peersOfProject, `undici-7@${oldestUndici}`, ...Object.values(tarballs))
}
