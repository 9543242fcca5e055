import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, rmSync, writeFileSync } from "node:fs"

const apt = "/usr/bin/apt-get"

/** Whether system packages can be installed without a password: as root on Debian or Ubuntu. */
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

/** Debian starts a service when it installs it, unless this file exits with 101. */
const withoutServices = async (install: () => Promise<boolean>): Promise<boolean> => {
  if (existsSync(policy)) return install()
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 })
  try {
    return await install()
  } finally {
    rmSync(policy)
  }
}

/** Installs system packages where that needs no password. Prints the reason first. */
export const aptInstall = async (packages: ReadonlyArray<string>, why: string): Promise<void> => {
  if (!canInstall()) return
  console.log(`Installing ${packages.join(" and ")} with apt, ${why}.`)
  const install = ["install", "-y", "--no-install-recommends", ...packages]
  // Updating the package lists takes a while, so it is done only if the install fails without it.
  await withoutServices(async () => (await runs(install)) || ((await runs(["update"])) && (await runs(install))))
}
