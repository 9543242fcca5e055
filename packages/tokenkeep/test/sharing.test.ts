import { execFile } from "node:child_process"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { FileStorage } from "tokenkeep/file"
import { expect, it, onTestFinished } from "vitest"
import { clientOf, fakeServer, thrownBy } from "./support/clients.ts"

const dist = new URL("../dist/", import.meta.url).href
const program = new URL("support/shareToken.mjs", import.meta.url).pathname

const temporary = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), "tokens-"))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}

it("TOK-3: processes that use the same directory make one token request", async () => {
  const server = await fakeServer({ tokenRequestLatency: 50, voidPrevious: true })
  const directory = join(await temporary(), "tokens")
  const share = async () => {
    const args = [program, dist, server.url, server.apiKey, directory]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    return JSON.parse(stdout) as { ids: ReadonlyArray<string>; status: number; storage: object }
  }
  const shared = await Promise.all([share(), share()])
  const later = await share()
  expect(new Set([...shared, later].flatMap(({ ids }) => ids)).size).toBe(1)
  expect([...shared, later].map(({ status }) => status)).toEqual([200, 200, 200])
  expect(later.storage).toMatchObject({ durable: true, shared: true, state: "ok" })
  expect(server.stats.tokenRequests).toBe(1)
})

it("STO-5: the files are encrypted with encryptionKey", async () => {
  const server = await fakeServer()
  const directory = await temporary()
  const sealed = { storage: FileStorage.layer({ directory }), encryptionKey: "k".repeat(32) }
  const token = await clientOf(server, sealed).token()
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const texts = await Promise.all(files.map(({ name, parentPath }) => readFile(join(parentPath, name), "utf8")))
  expect(texts.length).toBeGreaterThan(0)
  expect(texts.join("\n")).not.toContain(token.reveal())
  expect((await clientOf(server, sealed).token()).id).toBe(token.id)
})

it("throws CONFIG_INVALID for a relative directory", () => {
  for (const directory of ["tokens", "./tokens", "", 7 as never]) {
    expect(thrownBy(() => FileStorage.layer({ directory }))).toMatchObject({
      code: "CONFIG_INVALID",
      reason: { option: "directory" }
    })
  }
})
