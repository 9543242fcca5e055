import { findCommand } from "./findCommand.ts"
import { aptInstall } from "./apt.ts"

const howTo =
  "No gnome-keyring: the test with a real keyring is skipped. To run it, put dbus-daemon and gnome-keyring-daemon on the " +
  "PATH (apt-get install dbus gnome-keyring)."

const findKeyring = (): string | undefined =>
  findCommand("dbus-daemon") === undefined ? undefined : findCommand("gnome-keyring-daemon")

/** The path of gnome-keyring, which is installed if possible. Without one, prints how to get it. */
export const provideKeyring = async (): Promise<string | undefined> => {
  if (findKeyring() === undefined) await aptInstall(["dbus", "gnome-keyring"], "for the test with a real keyring")
  const found = findKeyring()
  if (found === undefined) console.log(howTo)
  return found
}
