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
    const response = await fetch(sidecar.url)
    const closing = sidecar.close()
    await idle.untilEnd()
    await expect(fetch(sidecar.url)).rejects.toThrow("fetch failed")
    resolve()
    expect(await response.text()).toBe("first last")
    await closing
    expect(sidecar.close()).toBeInstanceOf(Promise)
  })

  it("comes when the grace is over, also for a response without an end", async () => {
    const sidecar = await sidecarBefore((_, response) => response.write("first"))
    const response = await fetch(sidecar.url)
    const reading = response.text()
    reading.catch(() => undefined)
    await sidecar.close({ grace: 50 })
    await expect(reading).rejects.toThrow("terminated")
  })
})
