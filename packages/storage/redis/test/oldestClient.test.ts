import { freePort } from "redis-servers"
import { describe, expect, it } from "vitest"
import { runFixture } from "./support/child.ts"

describe("the oldest node-redis of the peer range", () => {
  it("STO-2: the process survives, with typed errors, while no server listens", async () => {
    const url = `redis://127.0.0.1:${await freePort()}`
    const { code, errors, printed } = await runFixture(new URL("./fixtures/redisAway.ts", import.meta.url), [url])
    expect(errors).toBe("")
    const failure = expect.stringMatching(/^StorageFailure \w+ ECONNREFUSED$/)
    expect(printed.trim().split("\n")).toEqual([...Array.from({ length: 6 }, () => failure), "STORAGE_FAILED"])
    expect(code).toBe(0)
  })
})
