// A process with many clients, each of which runs the protocol on its own. On a message, all use their token at once.
import { createDeeply, FetchTransport } from "tokenkeep"
import { RedisStorage } from "tokenkeep/redis"

/** What the clients of one process did. Times are epoch milliseconds. */
export interface Herd {
  readonly failures: number
  /** How many clients waited for the one that renewed. */
  readonly waited: number
  /** Faults of the storage, and what clients did without it. */
  readonly faults: number
  readonly issued: ReadonlyArray<number>
  readonly adopted: ReadonlyArray<number>
}

const [host = "", url = "", count = "1", sharing = "1"] = process.argv.slice(2)
let waited = 0
let faults = 0
let issued: Array<number> = []
let adopted: Array<number> = []
const seen = new Set<string>()
let revoked: ReadonlySet<string> = new Set()

/** Token requests go to the server; it would not help to send the rest to one as well. */
const network: typeof fetch = async (input, init) => {
  const request = new Request(input, init)
  if (request.url.endsWith("/auth/reissue")) return fetch(request)
  const token = request.headers.get("authorization") ?? ""
  seen.add(token)
  return revoked.has(token) ? Response.json({ detail: { message: "Invalid token" } }, { status: 401 }) : new Response()
}

/** Clients with the same layer share its connections and subscription, and nothing else. */
const storages = Array.from({ length: Math.ceil(Number(count) / Number(sharing)) }, () => RedisStorage.layer({ url }))

const clients = Array.from({ length: Number(count) }, (_, index) =>
  createDeeply({
    apiKey: "scale-key",
    host,
    storage: storages[index % storages.length],
    transport: FetchTransport.layer({ fetch: network }),
    onTokenEvent: ({ at, type }) => {
      if (type === "issued") issued.push(at)
      if (type === "adopted") adopted.push(at)
      if (type === "lease-waited") waited += 1
      if (type === "storage-degraded") faults += 1
    }
  })
)

process.on("message", async () => {
  issued = []
  adopted = []
  waited = 0
  faults = 0
  revoked = new Set(seen)
  const responses = await Promise.allSettled(clients.map((client) => client.fetch("/api/v1/events")))
  const failures = responses.filter((each) => each.status === "rejected" || !each.value.ok).length
  process.send?.({ failures, waited, faults, issued, adopted } satisfies Herd)
})
process.once("disconnect", () => process.exit(0))
process.send?.("ready")
