import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

/** Bytes of heap in use after garbage collection. Several passes also collect what is freed later. */
export const settledHeap = async (): Promise<number> => {
  for (let i = 0; i < 4; i += 1) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return process.memoryUsage().heapUsed
}
