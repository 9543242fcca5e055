import { createDeeply } from "@tokenkeep/deeply"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { makeWorker } from "./makeWorker.js"
import { promiseCalls } from "./promiseCalls.js"

export default makeWorker(promiseCalls({ createDeeply, storage: MemoryStorage.layer() }))
