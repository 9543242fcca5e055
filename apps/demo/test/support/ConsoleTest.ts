import { type Browser, chromium } from "playwright-core"
import { expect } from "vitest"
import { startConsole } from "../../src/console/startConsole.ts"

// Without these flags, the browser sends requests of its own.
const quiet = [
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

/** A busy machine must not make a test fail: a wait ends when what it waits for is there. */
export const patient = { timeout: 240_000, interval: 50 }

export const launchBrowser = (executablePath: string): Promise<Browser> => {
  const args = process.getuid?.() === 0 ? [...quiet, "--no-sandbox"] : quiet
  return chromium.launch({ executablePath, args })
}

type Scheme = "light" | "dark"

/** A console with its fleet, opened in a browser. */
export const openConsole = async (
  browser: Browser,
  options: Partial<Parameters<typeof startConsole>[0]> & { readonly scheme?: Scheme; readonly width?: number } = {}
) => {
  const { scheme = "light", width = 1280, ...more } = options
  // With tokens that last, each token request has a cause in the test.
  const running = await startConsole({ processes: 3, storage: "file", port: 0, tokenLifetime: 600_000, ...more })
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: scheme })
  const errors: Array<string> = []
  page.on("pageerror", (error) => void errors.push(error.message))
  page.on("console", (message) => void (message.type() === "error" && errors.push(message.text())))
  await page.goto(running.url)

  const numbers = () =>
    page.evaluate(() => {
      const read = (id: string) => Number(document.getElementById(id)?.textContent?.replaceAll(",", ""))
      return { tokenRequests: read("token-requests"), served: read("served"), failed: read("failed") }
    })
  /** The column of a table, from top to bottom. */
  const column = (table: string, index: number) =>
    page.locator(`#${table} tbody tr > :nth-child(${index})`).allTextContents()
  /** The id of the token of each connection. */
  const tokens = async () => (await column("connections", 3)).map((text) => text.replace(/,.*/, ""))

  return {
    ...running,
    page,
    errors,
    numbers,
    column,
    tokens,
    press: (name: string) => page.getByRole("button", { name }).click(),
    /** Waits until all processes use one token, other than the given one. Returns it. */
    newToken: async (before = "–"): Promise<string> => {
      await expect
        .poll(async () => {
          const all = await tokens()
          return all.length > 0 && new Set(all).size === 1 && all[0] !== "–" && all[0] !== before
        }, patient)
        .toBe(true)
      return (await tokens())[0] ?? ""
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      await page.close()
      await running[Symbol.asyncDispose]()
    }
  }
}
