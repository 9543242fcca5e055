// For Node, Deno and Bun: runs the named suite and prints the outcomes of its cases as the last line.
import process from "node:process"

// Deno loads imports that are written out without a permission.
const modules = {
  deeply: () => import("./deeply.js"),
  fetch: () => import("./transports.js"),
  file: () => import("./file.js"),
  ioredis: () => import("./ioredis.js"),
  ky: () => import("./transports.js"),
  lifeInFiles: () => import("./file.js"),
  lifeInMemory: () => import("./memory.js"),
  lifeInRedis: () => import("./redis.js"),
  memory: () => import("./memory.js"),
  oauth2: () => import("./oauth2.js"),
  opentelemetry: () => import("./opentelemetry.js"),
  redis: () => import("./redis.js"),
  redisClients: () => import("./redisClients.js"),
  retention: () => import("./retention.js"),
  undici: () => import("./undici.js"),
  undiciRetention: () => import("./retention.js")
}

const [name, settings] = process.argv.slice(2)
const suites = await modules[name]()
console.log(JSON.stringify(await suites[name](JSON.parse(settings))))
