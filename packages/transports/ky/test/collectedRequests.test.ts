import { createDeeply, type DeeplyClient } from "@tokenkeep/deeply"
import { authorizedKy, KyTransport } from "@tokenkeep/transport-ky"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { describe, expect, it } from "vitest"
import { startApi } from "./support/apiServer.ts"

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

/** Collects until finalizers of the collection before have run as well. */
const collectAll = async () => {
  for (let round = 0; round < 5; round += 1) {
    collectGarbage()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

type Send = (client: DeeplyClient, url: string, signal: AbortSignal) => Promise<Response>

const ways: ReadonlyArray<readonly [what: string, usesTransport: boolean, send: Send]> = [
  ["an init over KyTransport", true, ({ fetch }, url, signal) => fetch(url, { signal })],
  ["a Request over KyTransport", true, ({ fetch }, url, signal) => fetch(new Request(url, { signal }))],
  ["authorizedKy", false, async (client, url, signal) => authorizedKy(client)(url, { signal, timeout: false })]
]

describe("REQ-6: an abort after a garbage collection", () => {
  it.each(ways)("REQ-6: ends a read of the body by the signal of %s", async (_, usesTransport, send) => {
    const server = await startApi((_request, response) => response.write("unfinished"))
    await using deeply = createDeeply({
      apiKey: server.apiKey,
      host: server.url,
      ...(usesTransport ? { transport: KyTransport.layer() } : {})
    })
    const abort = new AbortController()
    const { promise: isUnderway, resolve: setUnderway } = Promise.withResolvers<void>()
    const read = async (signal: AbortSignal) => {
      const response = await send(deeply, `${server.url}/slow`, signal)
      setUnderway()
      return response.text()
    }
    const ended = read(abort.signal)
    await isUnderway
    await collectAll()
    abort.abort("enough")
    await expect(ended).rejects.toBe("enough")
  })
})
