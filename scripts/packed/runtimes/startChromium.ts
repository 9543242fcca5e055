import { chromium } from "playwright-core"
import type { RunSuite } from "./suites.ts"

declare global {
  /** portable.js sets it. */
  var runSuite: RunSuite
}

/** Opens a page that the suites run in. Its origin is not that of the API. */
export const startChromium = async (executablePath: string, url: string, bundle: string) => {
  const browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 })
  const page = await browser.newPage()
  await page.goto(url)
  await page.addScriptTag({ content: bundle, type: "module" })
  await page.waitForFunction(() => "runSuite" in globalThis)
  const run: RunSuite = (suite, settings) =>
    page.evaluate(([name, given]) => globalThis.runSuite(name, given), [suite, settings] as const)
  return { run, close: () => browser.close() }
}
