// `pnpm screenshot`: runs the console of the demo with a few faults, and writes what it shows to docs/console.png.
import { execFileSync } from "node:child_process"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { type Browser, chromium, type Page } from "playwright-core"
import { startConsole } from "../apps/demo/src/console/startConsole.ts"
import { aptInstall } from "./apt.ts"
import { provideChromium } from "./chromium.ts"
import { findCommand } from "./findCommand.ts"
import { root } from "./root.ts"

const executablePath = await provideChromium()
if (executablePath === undefined) throw new Error("A screenshot needs Chromium.")
await aptInstall(["fonts-inter", "pngquant"], "for a screenshot with a common font, in a small file")

/** The picture is full after a minute. Each fault happens after this many seconds. */
const faults: ReadonlyArray<readonly [after: number, button: string]> = [
  [22, "Kill a process"],
  [10, "Freeze a process"],
  [14, "Revoke the token"]
]
const rest = 18

const open = async (browser: Browser, url: string, colorScheme: "light" | "dark"): Promise<Page> => {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, deviceScaleFactor: 1.5, colorScheme })
  await page.goto(url)
  return page
}

await using running = await startConsole({ processes: 6, storage: "file", port: 0 })
const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] })
const light = await open(browser, running.url, "light")
const dark = await open(browser, running.url, "dark")

for (const [after, button] of faults) {
  await setTimeout(after * 1_000)
  await light.getByRole("button", { name: button }).click()
}
await setTimeout(rest * 1_000)

/** Down to the end of the picture. */
const save = async (page: Page, name: string): Promise<void> => {
  const path = join(root, "docs", name)
  await rm(path, { force: true })
  const box = await page.locator("figure").boundingBox()
  const height = Math.ceil((box?.y ?? 0) + (box?.height ?? 0) + 24)
  await page.screenshot({ path, clip: { x: 0, y: 0, width: 1200, height } })
  const pngquant = findCommand("pngquant")
  // The page has few colours, so a palette makes the file a third as large.
  if (pngquant !== undefined) execFileSync(pngquant, ["--force", "--strip", "--output", path, path])
  console.log(path)
}
await save(light, "console.png")
await save(dark, "console-dark.png")
await browser.close()
