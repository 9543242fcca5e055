import { type Manifest, publicPackages } from "../../publicPackages.ts"
import { outside } from "../../outside.ts"
import { run } from "../../run.ts"
import { tarballs } from "../installProject.ts"

const packedManifest = async (name: string): Promise<Manifest> =>
  JSON.parse(await run("tar", ["-xOf", tarballs[name] ?? "", "package/package.json"])) as Manifest

/** The ranges in which the packed packages accept a peer: the parts of `^5.0.0 || ^6.0.0` are two. */
const rangesOf = async (peer: string): Promise<ReadonlyArray<string>> => {
  const manifests = await Promise.all(publicPackages().map(({ manifest }) => packedManifest(manifest.name)))
  const ranges = manifests.flatMap(({ peerDependencies = {} }) => (peerDependencies[peer] ?? "").split("||"))
  return [...new Set(ranges.map((range) => range.trim()))].filter((range) => range !== "")
}

const byNumber = new Intl.Collator("en", { numeric: true }).compare

/** The lowest and the highest version of every range, in order. No list is written by hand, so a new range is tested. */
export const peerVersions = async (peer: string): Promise<ReadonlyArray<string>> => {
  const ends = (await rangesOf(peer)).map(async (range) => {
    const printed = await run("npm", ["view", `${peer}@${range}`, "version", "--json"], { env: outside })
    const versions = [JSON.parse(printed) as string | ReadonlyArray<string>].flat().toSorted(byNumber)
    return [versions[0] ?? "", versions.at(-1) ?? ""]
  })
  return [...new Set((await Promise.all(ends)).flat())].toSorted(byNumber)
}
