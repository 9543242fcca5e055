// The race: Tokenkeep beside other libraries and a hand-written wrapper, interleaved in one run, on one server in a
// process of its own. Writes bench/results.md, bench/results.json and the charts. `pnpm bench` installs the libraries.
//
//   --rounds   15 by default: how often each case is measured
//   --parts    token,requests,stampede,fleet,revocation,footprint,sharing,rotation: those that are measured
//   --without  names of the entries that are left out, such as "@octokit/auth-app"
//   --scale    1 by default: a part of the operations in each round, to try it
//   --seconds  20 by default: how long each library rotates refresh tokens
//   --out      the folder that is written to, instead of the files of the repository
import { startStorage } from "fleet"
import { parseArgs } from "node:util"
import { findRedis } from "redis-servers"
import { runRace } from "./race/runRace.ts"
import { startServer } from "./race/startServer.ts"
import { markdownOf } from "./race/Table.ts"
import { write } from "./race/write.ts"

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    parts: { type: "string", default: "token,requests,stampede,fleet,revocation,footprint,sharing,rotation" },
    without: { type: "string", default: "" },
    scale: { type: "string", default: "1" },
    seconds: { type: "string", default: "20" },
    out: { type: "string" }
  }
})
await using server = await startServer()
await using file = await startStorage("file")
await using redis = findRedis() === undefined ? undefined : await startStorage("redis")

const began = performance.now()
const tables = await runRace(
  {
    server,
    rounds: Number(values.rounds),
    scale: Number(values.scale),
    storage: { file: file.url.slice("file:".length), redis: redis?.url },
    without: values.without.split(",")
  },
  values.parts.split(","),
  { seconds: Number(values.seconds), onTable: (table) => console.log(`\n${markdownOf(table)}`) }
)
write(tables, { rounds: Number(values.rounds), minutes: (performance.now() - began) / 60_000, folder: values.out })
