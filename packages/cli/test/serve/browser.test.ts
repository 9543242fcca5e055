import { createServer } from "node:http"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { type Browser, chromium } from "playwright-core"
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from "vitest"
import { sidecarOf } from "./support/servers.ts"

const executablePath = inject("chromium")

/** A busy machine must not make a test fail: a wait ends when what it waits for is there. */
const patient = { timeout: 240_000, interval: 50 }

describe.skipIf(executablePath === undefined)("the sidecar in a browser", () => {
  let browser: Browser

  beforeAll(async () => {
    const args = process.getuid?.() === 0 ? ["--no-sandbox"] : []
    browser = await chromium.launch({ executablePath: executablePath!, args })
  })
  afterAll(() => browser.close())

  const opened = async (url: string) => {
    const page = await browser.newPage()
    onTestFinished(() => page.close())
    const errors: Array<string> = []
    page.on("pageerror", (error) => void errors.push(error.message))
    page.on("console", (message) => void (message.type() === "error" && errors.push(message.text())))
    await page.goto(url)
    return { page, errors }
  }

  const served = async () => {
    const fake = await startFakeDeeply({ rateLimits: false })
    onTestFinished(() => fake.close())
    return { fake, sidecar: await sidecarOf(fake.url, { apiKey: fake.apiKey }) }
  }

  it("shows in its console what the API has counted, and offers no button that changes something", async () => {
    const { fake, sidecar } = await served()
    const { errors, page } = await opened(`${sidecar.url}/-/console`)
    for (const path of ["/api/v1/mics", "/api/v1/events", "/nowhere"]) await (await fetch(sidecar.url + path)).text()
    fake.expireTokens()
    await (await fetch(`${sidecar.url}/api/v1/mics`)).text()

    const numberOf = async (id: string) => Number(await page.locator(`#${id}`).textContent())
    await expect.poll(() => numberOf("token-requests"), patient).toBe(fake.stats.tokenRequests)
    expect(fake.stats.tokenRequests).toBe(2)
    await expect.poll(() => numberOf("served"), patient).toBe(4)
    expect(await numberOf("failed")).toBe(0)
    expect(await page.getByRole("button").allTextContents()).toEqual(["Pause"])
    expect(errors).toEqual([])
  })

  it("serves a page of its own origin, and refuses the script of another page", async () => {
    const { fake, sidecar } = await served()
    const { page: own } = await opened(`${sidecar.url}/-/health`)
    expect(await own.evaluate(async () => (await fetch("/api/v1/mics/mic-1")).status)).toBe(200)
    const requests = () => fake.stats.requests
    const before = requests()

    const foreign = createServer((_, response) => response.setHeader("content-type", "text/html").end("<p>elsewhere"))
    await once(foreign.listen(0, "127.0.0.1"), "listening")
    onTestFinished(() => void foreign.close())
    const { page } = await opened(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}`)
    const tries = await page.evaluate(async (url) => {
      const outcome = (promise: Promise<Response>) =>
        promise.then(
          ({ type }) => type,
          () => "refused"
        )
      const image = new Image()
      const loaded = new Promise((resolve) => {
        image.addEventListener("load", () => resolve("loaded"))
        image.addEventListener("error", () => resolve("refused"))
      })
      image.src = `${url}/api/v1/mics`
      return [
        await outcome(fetch(`${url}/api/v1/mics`)),
        await outcome(fetch(`${url}/api/v1/mics`, { method: "POST", mode: "no-cors", body: "x" })),
        await outcome(fetch(`${url}/-/health`)),
        await loaded
      ]
    }, sidecar.url)
    // The browser shows the second as opaque: what counts is that nothing reached the API.
    expect(tries).toEqual(["refused", "opaque", "refused", "refused"])
    expect(requests()).toBe(before)
  })
})
