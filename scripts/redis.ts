// Sees to it that the suites which need a Redis have one: on the PATH, or installed by apt where that needs no asking.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, rmSync, writeFileSync } from "node:fs"
import { findRedis } from "../test/redis/src/findRedis.ts"

const apt = "/usr/bin/apt-get"

const canInstall = (): boolean => process.getuid?.() === 0 && existsSync(apt)

const runs = async (args: ReadonlyArray<string>): Promise<boolean> => {
  const child = spawn(apt, ["-qq", "-o", "DPkg::Lock::Timeout=120", ...args], {
    stdio: "ignore",
    timeout: 180_000,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  })
  const [status] = (await once(child, "close")) as [number | null]
  return status === 0
}

const policy = "/usr/sbin/policy-rc.d"

/** Debian starts what it installs, unless this file says no. */
const withoutServices = async (install: () => Promise<boolean>): Promise<boolean> => {
  if (existsSync(policy)) return install()
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 })
  try {
    return await install()
  } finally {
    rmSync(policy)
  }
}

const install = async (): Promise<boolean> => {
  const redis = ["install", "-y", "--no-install-recommends", "redis-server"]
  // Where the lists are old or missing, they come first; where they are not, this saves the wait.
  return withoutServices(async () => (await runs(redis)) || ((await runs(["update"])) && (await runs(redis))))
}

const howTo =
  "No Redis: the suites of storage-redis and the examples that need one are skipped. To run them, put valkey-server or " +
  "redis-server on the PATH (apt-get install redis-server, brew install valkey)."

/** The server's path, for whatever runs the suites. It says so when there is none and none can be installed. */
export const provideRedis = async (): Promise<string | undefined> => {
  const found = findRedis()
  if (found !== undefined) return found
  if (canInstall()) {
    console.log("Installing redis-server with apt, for the suites that need it.")
    await install()
  }
  const installed = findRedis()
  if (installed === undefined) console.log(howTo)
  return installed
}
