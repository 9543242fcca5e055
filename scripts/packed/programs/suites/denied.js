// For Deno with too few permissions: prints the error of a first request.
import { createDeeply } from "@tokenkeep/deeply"
import { FileStorage } from "@tokenkeep/storage-file"
import { RedisStorage } from "@tokenkeep/storage-redis"
import process from "node:process"

const { apiKey, directory, driver, redis, storage } = JSON.parse(process.argv[2])

const storages = {
  memory: () => undefined,
  file: () => FileStorage.layer({ directory }),
  default: () => FileStorage.layer(),
  redis: () => RedisStorage.layer({ url: redis })
}

try {
  const host = { name: "fake", baseUrl: driver, allowInsecureHttp: true }
  await using deeply = createDeeply({ host, apiKey, storage: storages[storage](), storageFailure: "require" })
  await deeply.fetch("/api/v1/events")
  console.log("nothing was denied")
} catch (error) {
  console.log(JSON.stringify([error.code, error.message]))
}
