// An HTTP service that reads from a Deeply edge server on the local network. Without DEEPLY_API_KEY it uses a fake one.
import { createDeeply, edge } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { createHandler } from "./handler.ts"

await using server = Deno.env.get("DEEPLY_API_KEY") ? undefined : await startFakeDeeply()

// Edge servers use plain http, so the client accepts them only through edge(), or as DEEPLY_HOST=edge:ADDRESS.
await using deeply = createDeeply(
  server && { apiKey: server.apiKey, host: edge("127.0.0.1", Number(new URL(server.url).port)) }
)

const service = Deno.serve(
  {
    hostname: "127.0.0.1",
    port: Number(Deno.env.get("PORT") ?? 8080),
    onListen: ({ hostname, port }) => console.log(`listening on http://${hostname}:${port}`)
  },
  createHandler(deeply)
)
Deno.addSignalListener("SIGTERM", () => void service.shutdown())
// Resolves after SIGTERM, when all open requests have their response.
await service.finished
console.log("stopped")
