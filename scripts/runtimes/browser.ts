import { chromium } from "playwright-core"
import { type Outcome, portable, type Runtime } from "./Runtime.ts"

declare global {
  /** What page.js leaves in the page. */
  var runSuite: (suite: string, settings: object) => Promise<ReadonlyArray<Outcome>>
}

/** A page to run suites in. Its origin is another than the API's, as a page's is. */
export const startChromium = async (executablePath: string, page: string): Promise<Runtime & AsyncDisposable> => {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })
  try {
    const tab = await browser.newPage()
    await tab.goto(page)
    await tab.waitForFunction(() => "runSuite" in globalThis)
    return {
      name: "Chromium",
      version: browser.version(),
      suites: portable,
      run: (suite, settings) =>
        tab.evaluate(([name, told]) => globalThis.runSuite(name, told), [suite, settings] as const),
      [Symbol.asyncDispose]: () => browser.close()
    }
  } catch (error) {
    await browser.close()
    throw error
  }
}
