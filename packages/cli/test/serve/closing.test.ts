import { describe, expect, it } from "vitest"
import { rawConnection, sidecarBefore } from "./support/servers.ts"

describe("the end of the sidecar", () => {
  it("waits for the requests in flight, closes idle connections, and accepts no more", async () => {
    const { promise: next, resolve } = Promise.withResolvers<void>()
    const sidecar = await sidecarBefore(async (_, response) => {
      response.write("first ")
      await next
      response.end("last")
    })
    const idle = await rawConnection(sidecar.url)
    const incomplete = await rawConnection(sidecar.url)
    incomplete.send("GET / HT")
    const response = await fetch(sidecar.url)
    const closing = sidecar.close()
    await Promise.all([idle.untilEnd(), incomplete.untilEnd()])
    await expect(fetch(sidecar.url)).rejects.toThrow("fetch failed")
    resolve()
    expect(await response.text()).toBe("first last")
    expect(await closing).toBe(0)
    expect(sidecar.close()).toBeInstanceOf(Promise)
  })

  it("comes when the grace is over, also for a response without an end", async () => {
    const sidecar = await sidecarBefore((_, response) => response.write("first"))
    const responses = await Promise.all([fetch(sidecar.url), fetch(sidecar.url)])
    const reading = responses.map((response) => response.text())
    const results = Promise.allSettled(reading)
    await (await fetch(`${sidecar.url}/-/health`)).text()
    const page = await fetch(`${sidecar.url}/-/events`)
    // Its own pages are ended, and not cut off.
    expect(await sidecar.close({ grace: 50 })).toBe(2)
    expect(await page.text()).toContain("event: state")
    expect((await results).map(({ status }) => status)).toEqual(["rejected", "rejected"])
  })
})
