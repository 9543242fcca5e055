// What a user sees in Deno who gave too few permissions: prints the error of a first call.
import { createDeeply } from "@tokenkeep/deeply"
import { FileStorage } from "@tokenkeep/storage-file"
import { RedisStorage } from "@tokenkeep/storage-redis"
import process from "node:process"

const { directory, driver, key, redis, storage } = JSON.parse(process.argv[2])

const storages = {
  memory: () => undefined,
  file: () => FileStorage.layer({ directory }),
  default: () => FileStorage.layer(),
  redis: () => RedisStorage.layer({ url: redis })
}

try {
  const deeply = createDeeply({
    host: { name: "fake", baseUrl: driver, cleartext: true },
    apiKey: key,
    storage: storages[storage](),
    storageFailure: "require"
  })
  try {
    await deeply.fetch("/api/v1/events")
    console.log("nothing was denied")
  } finally {
    await deeply.dispose()
  }
} catch (error) {
  console.log(JSON.stringify([error.code, error.message]))
}
