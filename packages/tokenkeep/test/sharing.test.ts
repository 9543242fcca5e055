import { execFile } from "node:child_process"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { FileStorage } from "tokenkeep"
import { expect, it, onTestFinished } from "vitest"
import { clientOf, fakeServer, rejectionOf } from "./support/clients.ts"

const bundle = new URL("../dist/index.js", import.meta.url).href
const sharer = new URL("support/sharer.mjs", import.meta.url).pathname

const temporary = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), "tokens-"))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}

it("TOK-3: two processes that keep their token in one directory cost one issue call", async () => {
  const server = await fakeServer({ issueLatency: 50, voidPrevious: true })
  const directory = join(await temporary(), "tokens")
  const share = async () => {
    const args = [sharer, bundle, server.url, server.apiKey, directory]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    return JSON.parse(stdout) as { ids: ReadonlyArray<string>; status: number; storage: object }
  }
  const shared = await Promise.all([share(), share()])
  const later = await share()
  expect(new Set([...shared, later].flatMap(({ ids }) => ids)).size).toBe(1)
  expect([...shared, later].map(({ status }) => status)).toEqual([200, 200, 200])
  expect(later.storage).toMatchObject({ durable: true, shared: true, state: "ok" })
  expect(server.stats.issueCalls).toBe(1)
})

it("STO-5: what is in the files is sealed with an encryptionKey", async () => {
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

it("a directory that no system takes is told by the first use where it was not told before", async () => {
  const server = await fakeServer()
  const deeply = clientOf(server, { storage: FileStorage.layer({ directory: "/nul\0" }) })
  expect(await rejectionOf(deeply.token())).toMatchObject({ code: "CONFIG_INVALID", reason: { option: "directory" } })
})
