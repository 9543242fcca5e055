import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync } from "node:fs"
import { delimiter, join } from "node:path"
import { until } from "redis-servers"

const folders = (process.env["PATH"] ?? "").split(delimiter)
const commands = ["dbus-daemon", "dbus-send", "gnome-keyring-daemon"]

/** For `describe.skipIf`: a real keyring needs D-Bus and gnome-keyring. */
export const noKeyring = !commands.every((name) => folders.some((folder) => existsSync(join(folder, name))))

const output = async (child: ChildProcess): Promise<string> => {
  let text = ""
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()))
  await once(child, "close")
  return text
}

/** A D-Bus session with gnome-keyring, which keeps its files in `home`; `env` is what a command needs to use it. */
export const startKeyring = async (home: string) => {
  const runtime = join(home, "run")
  mkdirSync(runtime, { mode: 0o700 })
  const address = `unix:path=${join(runtime, "bus")}`
  const env = { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: runtime }
  const all = { PATH: process.env["PATH"], HOME: home, ...env }
  const bus = spawn("dbus-daemon", ["--session", "--nofork", "--address", address], { env: all, stdio: "ignore" })
  await until("D-Bus listens", () => existsSync(join(runtime, "bus")))
  const daemon = spawn("gnome-keyring-daemon", ["--foreground", "--unlock", "--components=secrets"], {
    env: all,
    stdio: ["pipe", "ignore", "ignore"]
  })
  daemon.stdin?.end("a password for the tests")
  const hasOwner = [
    "--session",
    "--dest=org.freedesktop.DBus",
    "--print-reply",
    "/",
    "org.freedesktop.DBus.NameHasOwner"
  ]
  await until("gnome-keyring responds", async () =>
    (await output(spawn("dbus-send", [...hasOwner, "string:org.freedesktop.secrets"], { env: all }))).includes("true")
  )
  return {
    env,
    [Symbol.asyncDispose]: async () => {
      for (const child of [daemon, bus]) {
        const ended = once(child, "close")
        child.kill("SIGKILL")
        await ended
      }
    }
  }
}
