// A process that uses a file storage. Each message of its parent is a command; the reply has the same id.
import { TokenStorage } from "@tokenkeep/core"
import { FileStorage } from "@tokenkeep/storage-file"
import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import { appendFileSync, closeSync, openSync, unlinkSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import type { Commands, Request } from "./commands.ts"
import { countsOf, longText } from "./recordText.ts"

const [directory = "", umask = "22", uid] = process.argv.slice(2)
process.umask(Number.parseInt(umask, 8))
// After the imports, because the other user may not be permitted to read this program.
if (uid !== undefined) process.seteuid?.(Number(uid))

const run = Effect.runPromise
const storage = await run(Effect.provide(TokenStorage, FileStorage.layer({ directory })))
const requestLease = (name: string, owner: string, millis: number) =>
  storage.acquireLease === undefined
    ? Promise.reject(new Error("The storage grants no leases."))
    : run(storage.acquireLease(name, { owner, millis }))

const leases = new Map<string, () => Promise<void>>()

/** Creates the marker file for some milliseconds. Returns false if it existed: another worker had the lease too. */
const holdMarker = async (marker: string, stay: number): Promise<boolean> => {
  try {
    closeSync(openSync(marker, "wx"))
  } catch {
    return false
  }
  await sleep(stay)
  unlinkSync(marker)
  return true
}

const commands: Commands = {
  load: ({ name }) => run(storage.load(name)),
  save: ({ name, text, fence }) => run(storage.save(name, { text, fence })),
  remove: ({ name }) => run(storage.remove(name)),
  acquireLease: async ({ name, owner, millis }) => {
    const result = await requestLease(name, owner, millis)
    if (result._tag === "LeaseTaken") return result
    leases.set(name, () => run(result.release))
    return { _tag: "Lease", fence: result.fence }
  },
  release: async ({ name }) => leases.get(name)?.(),
  takeTurn: async ({ name, owner, millis, marker, stay }) => {
    for (;;) {
      const result = await requestLease(name, owner, millis)
      if (result._tag === "LeaseTaken") {
        await sleep(1)
        continue
      }
      const alone = await holdMarker(marker, stay)
      await run(result.release)
      return { alone, fence: result.fence }
    }
  },
  increment: async ({ name, id, times, log }) => {
    if (storage.exclusive === undefined) throw new Error("The storage has no such records.")
    for (let done = 0; done < times;) {
      const before = await run(storage.exclusive.load(name))
      const counts = countsOf(before?.text)
      const text = JSON.stringify({ ...counts, [id]: (counts[id] ?? 0) + 1 })
      const record = { version: randomUUID(), text }
      if (!(await run(storage.exclusive.replace(name, { expected: before?.version, record })))) continue
      appendFileSync(log, `${id}\n`)
      done += 1
    }
  },
  saveRepeatedly: async ({ name, size, from, step }) => {
    for (let saved = 0; ; saved += 1) {
      const fence = from + saved * step
      if (!(await run(storage.save(name, { text: longText(fence, size), fence })))) return saved
    }
  }
}

process.on("message", ({ id, command, input }: Request) => {
  const execute = commands[command] as (input: unknown) => Promise<unknown>
  execute(input).then(
    (output) => process.send?.({ id, output }),
    (cause: unknown) => process.send?.({ id, error: { ...(cause as object), message: String(cause) } })
  )
})
process.on("disconnect", () => process.exit())
process.send?.({ id: 0 })
