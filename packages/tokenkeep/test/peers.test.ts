import { Redis } from "ioredis"
import ky from "ky"
import { findRedis, startServer } from "redis-servers"
import { authorizedKy, KyTransport } from "tokenkeep/ky"
import { RedisStorage } from "tokenkeep/redis"
import { UndiciTransport } from "tokenkeep/undici"
import { Agent } from "undici"
import { expect, it } from "vitest"
import { clientOf, fakeServer, thrownBy } from "./support/clients.ts"

it("sends requests with ky and its default headers", async () => {
  const server = await fakeServer()
  const sent: Array<string | null> = []
  const instance = ky.create({
    headers: { "x-app": "reports" },
    hooks: { beforeRequest: [({ request }) => void sent.push(request.headers.get("x-app"))] }
  })
  const deeply = clientOf(server, { transport: KyTransport.layer({ ky: instance }) })
  expect((await deeply.fetch("/api/v1/mics")).status).toBe(200)
  expect(sent).toEqual(["reports", "reports"])
})

it("authorizes the requests of a ky instance", async () => {
  const server = await fakeServer()
  const api = authorizedKy(clientOf(server))
  expect(await api.get("api/v1/mics").json()).toMatchObject({ page: 1 })
  server.expireTokens()
  expect(await api.get("api/v1/mics").json()).toMatchObject({ page: 1 })
  expect(server.stats.tokenRequests).toBe(2)
})

it("sends requests through a dispatcher of undici", async () => {
  const server = await fakeServer()
  const dispatcher = new Agent()
  const deeply = clientOf(server, { transport: UndiciTransport.layer({ dispatcher }) })
  expect((await deeply.fetch("/api/v1/mics")).status).toBe(200)
  await dispatcher.close()
})

it.skipIf(findRedis() === undefined)("clients that use the same Redis share one token", async () => {
  await using redis = await startServer()
  const server = await fakeServer()
  const connection = new Redis(redis.url)
  const first = clientOf(server, { storage: RedisStorage.layer({ url: redis.url }) })
  const second = clientOf(server, { storage: RedisStorage.layerClient(connection) })
  expect((await first.token()).id).toBe((await second.token()).id)
  expect(server.stats.tokenRequests).toBe(1)
  await Promise.all([first.dispose(), second.dispose()])
  await connection.quit()
})

it("throws CONFIG_INVALID for a Redis URL that cannot work", () => {
  expect(thrownBy(() => RedisStorage.layer({ url: "http://tokens.test" }))).toMatchObject({ code: "CONFIG_INVALID" })
})
