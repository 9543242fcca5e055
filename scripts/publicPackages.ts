import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { root } from "./root.ts"

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly bin?: Readonly<Record<string, string>>
  readonly type?: string
  readonly files?: ReadonlyArray<string>
  readonly description?: string
  readonly keywords?: ReadonlyArray<string>
  readonly homepage?: string
  readonly bugs?: string
  readonly license?: string
  readonly repository?: { readonly type: string; readonly url: string; readonly directory: string }
  readonly engines?: Readonly<Record<string, string>>
  readonly sideEffects?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

interface PublicPackage {
  readonly dir: string
  readonly manifest: Manifest
}

export const readManifest = (dir: string): Manifest =>
  JSON.parse(readFileSync(join(dir, "package.json"), "utf8")) as Manifest

/** Every package that is published. They are at two depths: packages/core and packages/storage/memory. */
export const publicPackages = (): ReadonlyArray<PublicPackage> =>
  globSync(["packages/*/package.json", "packages/*/*/package.json"], { cwd: root })
    .toSorted()
    .map((file) => join(root, dirname(file)))
    .map((dir) => ({ dir, manifest: readManifest(dir) }))
    .filter(({ manifest }) => manifest.private !== true)

export const tarballName = ({ name, version }: Manifest): string =>
  `${name.replace("@", "").replace("/", "-")}-${version}.tgz`
