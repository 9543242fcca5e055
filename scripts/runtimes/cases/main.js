// For Node, Deno and Bun: runs the suite that is named, and prints what came of its cases as the last line.
import process from "node:process"

// Written out, because Deno loads what it can see without asking for a permission.
const suites = {
  deeply: () => import("./deeply.js"),
  fetch: () => import("./fetch.js"),
  file: () => import("./file.js"),
  ioredis: () => import("./ioredis.js"),
  ky: () => import("./ky.js"),
  lifeInFiles: () => import("./lifeInFiles.js"),
  lifeInMemory: () => import("./lifeInMemory.js"),
  lifeInRedis: () => import("./lifeInRedis.js"),
  memory: () => import("./memory.js"),
  redis: () => import("./redis.js")
}

const [name, settings] = process.argv.slice(2)
const { suite } = await suites[name]()
console.log(JSON.stringify(await suite(JSON.parse(settings))))
