import { existsSync } from "node:fs"
import { aptInstall } from "./apt.ts"
import { findCommand } from "./findCommand.ts"

const onMacOs = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"

const findChromium = (): string | undefined =>
  process.env["CHROME_PATH"] ??
  findCommand("chromium", "chromium-browser", "google-chrome-stable", "google-chrome") ??
  (existsSync(onMacOs) ? onMacOs : undefined)

const howTo =
  "No Chromium: the tests in a browser are skipped. To run them, put chromium on the PATH (apt-get install chromium), " +
  "or set CHROME_PATH."

/** The path of Chromium, which is installed if possible. Without one, prints how to get it. */
export const provideChromium = async (): Promise<string | undefined> => {
  if (findChromium() === undefined) await aptInstall(["chromium"], "for the tests in a browser")
  const found = findChromium()
  if (found === undefined) console.log(howTo)
  return found
}
