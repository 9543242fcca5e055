// Serves what a Deeply API heard: the fake one, or a real one where DEEPLY_API_KEY is set.
import { isAuthError } from "@tokenkeep/deeply"
import { once } from "node:events"
import { connect } from "./connect.ts"

await using connection = await connect()
const { deeply } = connection

const latest = async ({ params, signal }: BunRequest): Promise<Response> => {
  try {
    const { results, total_cnt } = await deeply.events.list({ label_id: params["label"] ?? "", size: 3 }, { signal })
    return Response.json({ total: total_cnt, latest: results.map(({ id, mic }) => `${id}, ${mic.name}`) })
  } catch (error) {
    if (!isAuthError(error)) throw error
    console.error(`${error.code}: ${error.message}`)
    return Response.json({ error: error.code }, { status: 502 })
  }
}

const health = (): Response => {
  const { state, storage } = deeply.status()
  return Response.json({ token: state, storage: storage.state })
}

const service = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env["PORT"] ?? 8080),
  routes: { "/events/:label": latest, "/health": health },
  fetch: () => Response.json({ error: "not found" }, { status: 404 })
})
console.log(`listening on ${service.url.origin}`)

await once(process, "SIGTERM")
// Resolves when what is under way has been answered.
await service.stop()
console.log("stopped")
