import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, rmSync, writeFileSync } from "node:fs"

const apt = "/usr/bin/apt-get"

/** Whether packages of the system can be installed without asking anybody: as root, on Debian or Ubuntu. */
export const canInstall = (): boolean => process.getuid?.() === 0 && existsSync(apt)

const runs = async (args: ReadonlyArray<string>): Promise<boolean> => {
  const child = spawn(apt, ["-qq", "-o", "DPkg::Lock::Timeout=120", ...args], {
    stdio: "ignore",
    timeout: 300_000,
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

/** Installs packages of the system where that needs no asking; `why` is printed first. */
export const aptInstall = async (packages: ReadonlyArray<string>, why: string): Promise<void> => {
  if (!canInstall()) return
  console.log(`Installing ${packages.join(" and ")} with apt, ${why}.`)
  const install = ["install", "-y", "--no-install-recommends", ...packages]
  // Where the lists are old or missing, they come first; where they are not, this saves the wait.
  await withoutServices(async () => (await runs(install)) || ((await runs(["update"])) && (await runs(install))))
}
