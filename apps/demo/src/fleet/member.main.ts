// One process of the fleet: a client on the storage that all share, and callers that need its token all the time.
import { createDeeply } from "@tokenkeep/deeply"
import { FileStorage } from "@tokenkeep/storage-file"
import { RedisStorage } from "@tokenkeep/storage-redis"
import { argv } from "node:process"
import { setTimeout } from "node:timers/promises"
import type { MemberJob, MemberNews } from "./Member.ts"

const { apiKey, callers, place, url } = JSON.parse(argv[2] ?? "{}") as MemberJob

let issued = 0
let adopted = 0
let started = 0
let renewalMillis = 0
let requests = 0
let failed = 0
let isBusy = true

await using deeply = createDeeply({
  apiKey,
  host: url,
  storage: place.startsWith("redis:") ? RedisStorage.layer({ url: place }) : FileStorage.layer({ directory: place }),
  onEvent: ({ at, type }) => {
    if (type === "renewal-started") started = at
    if (type !== "issued" && type !== "adopted") return
    if (type === "issued") issued += 1
    else adopted += 1
    renewalMillis = at - started
  }
})

const keepBusy = async (): Promise<void> => {
  while (isBusy) {
    try {
      const response = await deeply.fetch("/api/v1/mics?size=1")
      await response.text()
      if (!response.ok) failed += 1
    } catch {
      failed += 1
    }
    requests += 1
    await setTimeout(200)
  }
}

process.once("disconnect", () => (isBusy = false))

const report = async (): Promise<void> => {
  while (isBusy) {
    const lease = deeply.status().lease.state
    const news: MemberNews = { requests, failed, issued, adopted, renewalMillis, lease }
    // Whoever started this may be gone already.
    if (process.connected) process.send?.(news, undefined, undefined, () => undefined)
    await setTimeout(100)
  }
}

await Promise.all([report(), ...Array.from({ length: callers }, keepBusy)])
