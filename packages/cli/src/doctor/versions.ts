import manifest from "../../package.json" with { type: "json" }
import { failed, ok, type Verdict } from "./Finding.ts"

const supports = (version: string, oldest: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split(".").map(Number)
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
}

/** The versions of Node and of the packages that this command is made of. */
export const checkVersions = (): Verdict => {
  const { node, openssl } = process.versions
  const oldest = manifest.engines.node.replace(/^>=/, "")
  if (!supports(node, oldest)) {
    return failed("versions", `Node ${node} is older than ${oldest}.`, "Install a supported version of Node.")
  }
  const { effect, redis, undici } = manifest.devDependencies
  return ok(
    `@tokenkeep/cli ${manifest.version} on Node ${node} (OpenSSL ${openssl}); effect ${effect}, undici ${undici}, redis ${redis}`
  )
}
