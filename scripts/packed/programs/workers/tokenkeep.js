import { createDeeply, MemoryStorage } from "tokenkeep"
import { makeWorker } from "./makeWorker.js"
import { promiseCalls } from "./promiseCalls.js"

export default makeWorker(promiseCalls({ createDeeply, storage: MemoryStorage.layer() }))
