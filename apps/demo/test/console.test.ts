import axe from "axe-core"
import type { Browser } from "playwright-core"
import { findRedis } from "redis-servers"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import { launchBrowser, openConsole, patient } from "./support/ConsoleTest.ts"

const executablePath = inject("chromium")

describe.skipIf(executablePath === undefined)("the console in a browser", () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchBrowser(executablePath!)
  })
  afterAll(() => browser.close())

  it("TOK-3: shows what the API has counted: one token request, and no failed request", async () => {
    await using shown = await openConsole(browser)
    const { page, server } = shown
    await shown.newToken()
    await expect.poll(async () => (await shown.numbers()).served, patient).toBeGreaterThan(50)
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("One token for 3 processes")
    await shown.stopFleet()

    const { byStatus, issued, tokenRequests } = server.stats
    const counted = { tokenRequests, served: (byStatus[200] ?? 0) - issued, failed: 0 }
    await expect.poll(shown.numbers, patient).toEqual(counted)
    expect(tokenRequests).toBe(1)

    await page.getByText("The picture as tables").click()
    const sumOf = async (table: string, index: number) =>
      (await shown.column(table, index)).reduce((sum, text) => sum + Number(text), 0)
    await expect.poll(() => sumOf("processes", 7), patient).toBe(counted.served)
    expect(await sumOf("processes", 4)).toBe(issued)
    expect(await sumOf("processes", 5)).toBe(2)
    expect(await sumOf("counts", 2)).toBe(counted.served)
    expect(await sumOf("counts", 4)).toBe(tokenRequests)
    // The lanes draw what the tables say.
    expect(await page.locator("#plot .mark.renewed").count()).toBe(1)
    expect(await page.locator("#plot .mark.adopted").count()).toBe(2)
    expect(await page.locator("#plot .link").count()).toBe(2)
    expect(shown.errors).toEqual([])
  })

  it("TOK-2, TOK-3: each way to end the token causes one token request, and no failed request", async () => {
    await using shown = await openConsole(browser)
    let token = await shown.newToken()
    const ways = [
      ["Expire all tokens", "All tokens expired"],
      ["Revoke the token", "Token revoked"],
      ["Rotate the API key", "API key rotated"]
    ] as const
    for (const [index, [button, note]] of ways.entries()) {
      await shown.press(button)
      await shown.page.locator("#events li", { hasText: note }).waitFor()
      token = await shown.newToken(token)
      expect(shown.server.stats.tokenRequests).toBe(index + 2)
    }
    await expect.poll(shown.numbers, patient).toMatchObject({ tokenRequests: 4, failed: 0 })
    expect(shown.errors).toEqual([])
  })

  it("TOK-3: a process that was killed takes the token of the others, and a frozen one continues", async () => {
    await using shown = await openConsole(browser)
    const token = await shown.newToken()
    const states = shown.page.locator(".lane-state")
    for (const [button, state] of [
      ["Kill a process", "killed"],
      ["Freeze a process", "frozen"]
    ] as const) {
      await shown.press(button)
      await states.filter({ hasText: state }).waitFor()
      await expect.poll(() => states.filter({ hasText: state }).count(), patient).toBe(0)
    }
    expect(await shown.newToken()).toBe(token)
    expect(shown.server.stats.tokenRequests).toBe(1)
    await expect.poll(shown.numbers, patient).toMatchObject({ tokenRequests: 1, failed: 0 })
    expect(shown.errors).toEqual([])
  })

  it.skipIf(findRedis() === undefined)("STO-2: shows that the processes continue while Redis is stopped", async () => {
    await using shown = await openConsole(browser, { storage: "redis" })
    const { page } = shown
    const token = await shown.newToken()
    await shown.press("Stop Redis")
    await page.getByRole("button", { name: "Start Redis" }).waitFor()
    await shown.press("Expire all tokens")
    await expect.poll(() => shown.column("connections", 2), patient).toEqual(["no storage", "no storage", "no storage"])
    expect(await page.locator("#connections").textContent()).toContain("The storage fails. Fix the storage")
    await expect.poll(async () => (await shown.tokens()).includes(token), patient).toBe(false)
    await shown.press("Start Redis")
    await page.getByRole("button", { name: "Stop Redis" }).waitFor()
    await expect.poll(() => shown.column("connections", 2), patient).toEqual(["usable", "usable", "usable"])
    expect(await shown.numbers()).toMatchObject({ failed: 0 })
    expect(shown.errors).toEqual([])
  })

  it("shows the current picture after its server was restarted", async () => {
    await using shown = await openConsole(browser)
    const status = shown.page.locator("#status")
    await expect.poll(() => status.textContent(), patient).toBe("Live")
    await shown.newToken()
    const before = await shown.numbers()
    await shown.restartServer(async () => {
      await expect.poll(() => status.textContent(), patient).toBe("Reconnecting")
      shown.server.expireTokens()
      await expect.poll(() => shown.server.stats.tokenRequests, patient).toBe(2)
    })
    await expect.poll(() => status.textContent(), patient).toBe("Live")
    await expect.poll(shown.numbers, patient).toMatchObject({ tokenRequests: 2, failed: 0 })
    await expect.poll(async () => (await shown.numbers()).served, patient).toBeGreaterThan(before.served)
    // The browser itself reports that the server was away.
    expect(
      shown.errors.filter((error) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING/.test(error))
    ).toEqual([])
  })

  it("stands still while it is paused, and then catches up", async () => {
    await using shown = await openConsole(browser)
    await shown.newToken()
    await shown.press("Pause")
    await expect.poll(() => shown.page.locator("#status").textContent(), patient).toBe("Paused")
    const paused = await shown.numbers()
    const { served } = shown.feed.state().counts.totals
    await expect.poll(() => shown.feed.state().counts.totals.served, patient).toBeGreaterThan(served + 20)
    expect(await shown.numbers()).toEqual(paused)
    await shown.press("Pause")
    await expect.poll(async () => (await shown.numbers()).served, patient).toBeGreaterThan(paused.served + 20)
    expect(shown.errors).toEqual([])
  })

  it.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 360],
    ["dark", 360]
  ] as const)("axe finds nothing serious: %s, %d px wide", async (scheme, width) => {
    await using shown = await openConsole(browser, { scheme, width })
    const { page } = shown
    await shown.newToken()
    await page.getByText("The picture as tables").click()
    await shown.press("Kill a process")
    await page.evaluate(axe.source)
    const findings = await page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run()
      return violations.flatMap(({ id, impact, nodes }) =>
        impact === "serious" || impact === "critical" ? nodes.map(({ html }) => `${id}: ${html}`) : []
      )
    })
    expect(findings).toEqual([])
    const { clientWidth, scrollWidth } = await page.evaluate(() => ({
      clientWidth: document.documentElement.clientWidth,
      scrollWidth: document.documentElement.scrollWidth
    }))
    expect(scrollWidth).toBeLessThanOrEqual(clientWidth)
    expect(shown.errors).toEqual([])
  })

  it("is usable with the keyboard alone", async () => {
    await using shown = await openConsole(browser)
    const { page } = shown
    const token = await shown.newToken()
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "")
    await expect
      .poll(async () => {
        await page.keyboard.press("Tab")
        return focused()
      }, patient)
      .toBe("Expire all tokens")
    await page.keyboard.press("Enter")
    await shown.newToken(token)
    expect(await focused()).toBe("Expire all tokens")
    await expect
      .poll(() => page.locator("#control-result").textContent(), patient)
      .toContain("The API rejects every token as expired.")
    expect(shown.errors).toEqual([])
  })

  it("animates nothing for a reader who prefers that", async () => {
    await using shown = await openConsole(browser)
    await shown.page.emulateMedia({ reducedMotion: "reduce" })
    const token = await shown.newToken()
    await shown.press("Expire all tokens")
    await shown.newToken(token)
    const durations = await shown.page.evaluate(() =>
      [".mark", ".link", "#lease"].map((each) => {
        const { animationName, transitionDuration } = getComputedStyle(document.querySelector(each)!)
        return `${animationName} ${transitionDuration}`
      })
    )
    expect(durations).toEqual(["none 0s", "none 0s", "none 0s"])
  })
})
