import axe from "axe-core"
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
const phone = { width: 360, height: 780 }
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

  /** The pages that a search finds, the best first. */
  const search = async (page: Page, words: string): Promise<ReadonlyArray<string>> => {
    await page.getByRole("searchbox").fill(words)
    const results = page.getByRole("option").locator("a")
    await results.first().waitFor()
    return results.evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""))
  }

  it.each([
    ["kubernetes", "/kubernetes.html"],
    ["python", "/other-languages.html#python"],
    ["next", "/frameworks.html#nextjs"],
    ["worker", "#cloudflare-workers"],
    ["install", "/getting-started.html"]
  ])("finds %s", async (words, expected) => {
    const page = await open(desktop)
    await page.goto(site.url)
    await page.getByRole("button", { name: "Search" }).first().click()
    expect((await search(page, words))[0]).toContain(expected)
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

  /** What the list "On this page" highlights. */
  const highlighted = (page: Page) => page.locator(".VPDocAsideOutline a.active").allTextContents()

  it.each([
    ["errors.html#API_KEY_REJECTED", "API_KEY_REJECTED"],
    ["errors.html#DISPOSED", "DISPOSED"],
    ["oauth2.html#errors", "Errors"],
    ["oauth2.html#with-effect", "With Effect"]
  ])("highlights the section of %s in the list of the page", async (link, title) => {
    const page = await open(desktop)
    await page.goto(site.url + link)
    await expect.poll(() => highlighted(page), { timeout: 10_000 }).toEqual([title])
    await page.keyboard.press("Home")
    await expect.poll(() => highlighted(page), { timeout: 10_000 }).not.toEqual([title])
    expectNoErrors()
    await page.close()
  })

  it("has a page of its own for an address without a page", async () => {
    const page = await open(desktop)
    const response = await page.goto(`${site.url}decisions/none.html`)
    expect(response?.status()).toBe(404)
    await page.getByRole("heading", { name: "Page not found" }).waitFor()
    await page.getByRole("link", { name: "All pages" }).click()
    await page.getByRole("heading", { name: "Documentation", level: 1 }).waitFor()
    await page.close()
  })

  it("opens a tab in all groups, and on the next page", async () => {
    const page = await open(desktop)
    const code = () => page.locator(".vp-code-group .active code").allTextContents()
    await page.goto(site.url)
    expect((await code())[0]).toBe("npm install tokenkeep")
    await page.locator("label[data-title='pnpm']").click()
    await page.locator("label[data-title='Effect']").click()
    expect((await code())[0]).toBe("pnpm add tokenkeep")
    expect((await code())[1]).toContain("yield* Deeply")
    await page.goto(`${site.url}pools.html`)
    await expect.poll(async () => (await code()).join("\n")).toMatch(/yield\* DeeplyPool[^]*OAuth2\.Pool/)
    expectNoErrors()
    await page.close()
  })

  it.each([
    ["light", desktop],
    ["dark", desktop],
    ["light", phone],
    ["dark", phone]
  ] as const)("axe finds nothing serious on a %s page, %o", async (scheme, viewport) => {
    const page = await open(viewport, scheme)
    const findings: Array<string> = []
    for (const path of [
      "",
      "getting-started.html",
      "errors.html",
      "api/tokenkeep/functions/createDeeply.html",
      "404.html"
    ]) {
      await page.goto(site.url + path)
      await page.evaluate(axe.source)
      const found = await page.evaluate(async () => {
        const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run()
        return violations.flatMap(({ id, impact, nodes }) =>
          impact === "serious" || impact === "critical" ? nodes.map(({ html }) => `${id}: ${html}`) : []
        )
      })
      findings.push(...found.map((finding) => `${path} ${finding}`))
    }
    expect(findings).toEqual([])
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
