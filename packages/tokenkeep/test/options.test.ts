import ky from "ky"
import { createDeeply, type CreateDeeplyOptions, FetchTransport, MemoryStorage } from "tokenkeep"
import { FileStorage } from "tokenkeep/file"
import { authorizedKy, KyTransport } from "tokenkeep/ky"
import { RedisStorage } from "tokenkeep/redis"
import { UndiciTransport } from "tokenkeep/undici"
import { Agent } from "undici"
import { createClient } from "redis"
import { describe, expect, it } from "vitest"

const url = "redis://localhost:6379"

/** What a caller without types may pass: the option that is refused, and a part of the fix. */
const wrong: ReadonlyArray<readonly [call: string, option: string, fix: string, run: () => unknown]> = [
  ["createDeeply", "baseUrl", "host", () => createDeeply({ baseUrl: "https://staging.test" } as CreateDeeplyOptions)],
  ["createDeeply", "0", "apiKey", () => createDeeply("sk" as CreateDeeplyOptions)],
  [
    "createDeeply",
    "storages",
    "storage",
    () => createDeeply({ storages: MemoryStorage.layer() } as CreateDeeplyOptions)
  ],
  ["MemoryStorage", "directory", "none", () => Reflect.apply(MemoryStorage.layer, undefined, [{ directory: "/tmp" }])],
  ["FileStorage", "dir", "directory", () => FileStorage.layer({ dir: "/tmp" } as never)],
  ["FileStorage", "options", "directory", () => FileStorage.layer("/tmp" as never)],
  ["RedisStorage", "uri", "url", () => RedisStorage.layer({ uri: url } as never)],
  ["RedisStorage", "options", "url", () => RedisStorage.layer(url as never)],
  ["RedisStorage", "keyPrefix", "prefix", () => RedisStorage.layer({ url, keyPrefix: "x" } as never)],
  ["RedisStorage", "url", "prefix", () => RedisStorage.layerClient(createClient(), { url } as never)],
  ["FetchTransport", "fetch", "function", () => FetchTransport.layer({ fetch: "fetch" } as never)],
  ["FetchTransport", "fetcher", "Did you mean fetch?", () => FetchTransport.layer({ fetcher: fetch } as never)],
  ["FetchTransport", "options", "fetch", () => FetchTransport.layer(fetch as never)],
  ["KyTransport", "ky", "function", () => KyTransport.layer({ ky: {} } as never)],
  ["KyTransport", "options", "ky", () => KyTransport.layer(ky as never)],
  ["authorizedKy", "client", "createDeeply", () => authorizedKy({} as never)],
  ["authorizedKy", "client", "createDeeply", () => authorizedKy(undefined as never)],
  ["UndiciTransport", "dispatcher", "Agent", () => UndiciTransport.layer({ dispatcher: {} } as never)],
  ["UndiciTransport", "agent", "dispatcher", () => UndiciTransport.layer({ agent: new Agent() } as never)]
]

describe("an option that is unknown or wrong", () => {
  it.each(wrong)("of %s is CONFIG_INVALID with its name, %s, and a fix that contains %s", (_, option, fix, run) => {
    let error: unknown
    try {
      run()
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: { option }, fix: expect.stringContaining(fix) })
  })
})
