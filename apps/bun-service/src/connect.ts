import { createDeeply, type DeeplyClient } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { FileStorage } from "@tokenkeep/storage-file"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

interface Connection extends AsyncDisposable {
  readonly deeply: DeeplyClient
}

/**
 * A client whose token is in a file: it outlives this process, and all processes of this user share it. It is sealed
 * where there is a TOKEN_ENCRYPTION_KEY.
 */
const connectReal = (): Connection => {
  const deeply = createDeeply({
    storage: FileStorage.layer({ directory: process.env["TOKEN_DIRECTORY"] }),
    encryptionKey: process.env["TOKEN_ENCRYPTION_KEY"]
  })
  return { deeply, [Symbol.asyncDispose]: () => deeply.dispose() }
}

/** The tokens of a fake server are worth nothing afterwards. */
const connectFake = async (): Promise<Connection> => {
  const server = await startFakeDeeply()
  const directory = await mkdtemp(join(tmpdir(), "bun-service-"))
  const storage = FileStorage.layer({ directory })
  const deeply = createDeeply({ apiKey: server.apiKey, host: server.host, storage })
  return {
    deeply,
    [Symbol.asyncDispose]: async () => {
      await deeply.dispose()
      await server.close()
      await rm(directory, { recursive: true })
    }
  }
}

export const connect = async (): Promise<Connection> => (process.env["DEEPLY_API_KEY"] ? connectReal() : connectFake())
