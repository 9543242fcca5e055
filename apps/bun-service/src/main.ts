// An HTTP service that stores its token in a file. Without DEEPLY_API_KEY it uses a fake API.
import { createDeeply, isTokenkeepError } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { FileStorage } from "@tokenkeep/storage-file"
import { once } from "node:events"
import { temporaryDirectory } from "./temporaryDirectory.ts"

await using server = process.env["DEEPLY_API_KEY"] ? undefined : await startFakeDeeply()

// The token survives restarts, and all processes of this user share it. With an encryption key it is stored encrypted.
await using deeply = createDeeply({
  ...(server && { apiKey: server.apiKey, host: server.host }),
  storage: FileStorage.layer({ directory: server ? temporaryDirectory() : process.env["TOKEN_DIRECTORY"] }),
  encryptionKey: process.env["TOKEN_ENCRYPTION_KEY"]
})

const latestEvents = async ({ params, signal }: BunRequest): Promise<Response> => {
  try {
    const { results, total_cnt } = await deeply.events.list({ label_id: params["label"] ?? "", size: 3 }, { signal })
    return Response.json({ total: total_cnt, latest: results.map(({ id, mic }) => `${id}, ${mic.name}`) })
  } catch (error) {
    if (!isTokenkeepError(error)) throw error
    // The log gets the message, the caller only the code.
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
  routes: { "/events/:label": latestEvents, "/health": health },
  fetch: () => Response.json({ error: "not found" }, { status: 404 })
})
console.log(`listening on ${service.url.origin}`)

await once(process, "SIGTERM")
// Resolves when all open requests have their response.
await service.stop()
console.log("stopped")
