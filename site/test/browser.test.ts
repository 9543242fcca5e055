import { type Browser, chromium as driver, type Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import { builtPages } from "./support/BuiltSite.ts"
import { serve } from "./support/serve.ts"

const executablePath = inject("chromium")

// Without these flags, the browser sends requests of its own.
const quiet = [
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]
const phone = { width: 390, height: 844 }
const desktop = { width: 1280, height: 800 }

describe.skipIf(executablePath === undefined)("the site in a browser", () => {
  let browser: Browser
  let site: Awaited<ReturnType<typeof serve>>
  let externalRequests: Array<string>
  let errors: Array<string>

  beforeAll(async () => {
    site = await serve()
    const args = process.getuid?.() === 0 ? [...quiet, "--no-sandbox"] : quiet
    browser = await driver.launch({ executablePath: executablePath!, args })
  })
  afterAll(async () => {
    await browser.close()
    await site[Symbol.asyncDispose]()
  })

  const open = async (viewport: typeof phone, colorScheme: "light" | "dark" = "light"): Promise<Page> => {
    const page = await browser.newPage({ viewport, colorScheme })
    externalRequests = []
    errors = []
    page.on("request", (request) => void (request.url().startsWith(site.url) || externalRequests.push(request.url())))
    page.on("pageerror", (error) => void errors.push(error.message))
    page.on("console", (message) => void (message.type() === "error" && errors.push(message.text())))
    return page
  }

  const expectNoErrors = (): void => {
    expect(externalRequests.filter((url) => !url.startsWith("data:"))).toEqual([])
    expect(errors).toEqual([])
  }

  it("finds an error code, and opens its section", async () => {
    const page = await open(desktop)
    await page.goto(site.url)
    await page.getByRole("button", { name: "Search" }).first().click()
    await page.getByRole("searchbox").fill("API_KEY_REJECTED")
    const result = page.getByRole("option").filter({ hasText: "API_KEY_REJECTED" }).first()
    await result.click()
    await page.waitForURL(/errors\.html#api_key_rejected/i)
    const title = page.getByRole("heading", { name: "API_KEY_REJECTED" })
    await title.waitFor()
    expect(await title.isVisible()).toBe(true)
    expectNoErrors()
    await page.close()
  })

  it("finds an exported name in the API reference", async () => {
    const page = await open(phone)
    await page.goto(site.url)
    await page.getByRole("button", { name: "Search" }).first().click()
    await page.getByRole("searchbox").fill("createTokenKeep")
    const found = page.getByRole("option").locator("a[href*='/api/core/functions/createTokenKeep']").first()
    await found.click()
    const title = page.getByRole("heading", { name: "createTokenKeep()", level: 1 })
    await title.waitFor()
    expect(await title.isVisible()).toBe(true)
    expectNoErrors()
    await page.close()
  })

  it("lists pages about a term before exported names", async () => {
    const page = await open(desktop)
    await page.goto(site.url)
    await page.getByRole("button", { name: "Search" }).first().click()
    await page.getByRole("searchbox").fill("propagation")
    const results = page.getByRole("option").locator("a")
    await results.first().waitFor()
    const links = await results.evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""))
    expect(links[0]).not.toContain("/api/")
    expect(links.some((link) => link.includes("/api/"))).toBe(true)
    await page.close()
  })

  it.each(["light", "dark"] as const)("is %s if the system is", async (scheme) => {
    const page = await open(desktop, scheme)
    await page.goto(site.url)
    const lightness = await page.evaluate(() => {
      const [red = 0] = getComputedStyle(document.body).backgroundColor.match(/\d+/g)?.map(Number) ?? []
      return red
    })
    expect(scheme === "light" ? 255 - lightness : lightness).toBeLessThan(64)
    expectNoErrors()
    await page.close()
  })

  // Pages of the API reference have the same structure, so a sample is enough.
  const sampled = builtPages.filter(({ path }, index) => !path.startsWith("api/") || index % 12 === 0)

  it("fits a phone: wide content scrolls", async () => {
    const page = await open(phone)
    const wide: Array<string> = []
    for (const { path } of sampled) {
      await page.goto(site.url + path, { waitUntil: "domcontentloaded" })
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth
      )
      if (overflow > 0) wide.push(`${path}: ${overflow} px too wide`)
    }
    expect(wide).toEqual([])
    expectNoErrors()
    await page.close()
  })
})
