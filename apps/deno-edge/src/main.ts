// Serves what an edge server on the local network hears: a fake one, or a real one where DEEPLY_API_KEY is set.
import { createDeeply, edge } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { answering } from "./answering.ts"

await using server = Deno.env.get("DEEPLY_API_KEY") ? undefined : await startFakeDeeply()

// An edge server speaks plain http, which has to be asked for by name. As DEEPLY_HOST it is "edge:ADDRESS".
const fake = server && { apiKey: server.apiKey, host: edge("127.0.0.1", Number(new URL(server.url).port)) }
await using deeply = createDeeply(fake)

const service = Deno.serve(
  {
    hostname: "127.0.0.1",
    port: Number(Deno.env.get("PORT") ?? 8080),
    onListen: ({ hostname, port }) => console.log(`listening on http://${hostname}:${port}`)
  },
  answering(deeply)
)
// Resolves when what is under way has been answered.
Deno.addSignalListener("SIGTERM", () => void service.shutdown())
await service.finished
console.log("stopped")
