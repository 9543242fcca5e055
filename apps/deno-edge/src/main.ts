// Serves what an edge server on the local network hears: the one at EDGE_ADDRESS, or a fake one without DEEPLY_API_KEY.
import { createDeeply, type DeeplyClient, edge } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { answering } from "./answering.ts"

/** Plain http to another machine needs to be asked for by name, which is what `edge` does. */
const connect = async (): Promise<{ readonly deeply: DeeplyClient; readonly end: () => Promise<void> }> => {
  if (Deno.env.get("DEEPLY_API_KEY")) {
    const deeply = createDeeply()
    return { deeply, end: () => deeply.dispose() }
  }
  const server = await startFakeDeeply()
  const deeply = createDeeply({ apiKey: server.apiKey, host: edge("127.0.0.1", Number(new URL(server.url).port)) })
  return { deeply, end: () => deeply.dispose().then(() => server.close()) }
}

const { deeply, end } = await connect()
const service = Deno.serve(
  {
    hostname: "127.0.0.1",
    port: Number(Deno.env.get("PORT") ?? 8080),
    onListen: ({ hostname, port }) => console.log(`listening on http://${hostname}:${port}`)
  },
  answering(deeply)
)
Deno.addSignalListener("SIGTERM", () => void service.shutdown())
await service.finished
await end()
console.log(`the client is ${deeply.status().state}`)
