import { readFileSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { failed, ok, type Verdict } from "./Finding.ts"

/** The fields of this package's manifest that are shown. */
interface Manifest {
  readonly version: string
  readonly engines: { readonly node: string }
  /** What is bundled into this package. */
  readonly devDependencies: Readonly<Record<string, string>>
}

/** This module is in a chunk of the bundle, or in the sources: in both, the nearest manifest above is the package's. */
const readManifest = (): Manifest =>
  JSON.parse(readFileSync(findPackageJSON("..", import.meta.url) ?? "", "utf8")) as Manifest

const supports = (version: string, oldest: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split(".").map(Number)
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
}

/** The versions of Node and of the packages that this command is made of. */
export const checkVersions = (): Verdict => {
  const { devDependencies, engines, version } = readManifest()
  const { node, openssl } = process.versions
  const oldest = engines.node.replace(/^>=/, "")
  if (!supports(node, oldest)) {
    return failed("versions", `Node ${node} is older than ${oldest}.`, "Install a supported version of Node.")
  }
  const bundled = ["effect", "undici", "redis"].map((name) => `${name} ${devDependencies[name]}`).join(", ")
  return ok(`@tokenkeep/cli ${version} on Node ${node} (OpenSSL ${openssl}); ${bundled}`)
}
