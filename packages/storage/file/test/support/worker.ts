// A process that uses a file storage as its parent tells it to. Each message is one command; the answer has its number.
import { TokenStorage } from "@tokenkeep/core"
import { FileStorage } from "@tokenkeep/storage-file"
import * as Effect from "effect/Effect"
import { closeSync, openSync, unlinkSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import type { Commands, Request } from "./commands.ts"
import { longText } from "./texts.ts"

const [directory = "", umask = "22", uid] = process.argv.slice(2)
process.umask(Number.parseInt(umask, 8))
// Only now: another user may not be able to read this program.
if (uid !== undefined) process.seteuid?.(Number(uid))

const run = Effect.runPromise
const storage = await run(Effect.provide(TokenStorage, FileStorage.layer({ directory })))
const ask = (name: string, owner: string, millis: number) =>
  storage.exclusive === undefined
    ? Promise.reject(new Error("no leases"))
    : run(storage.exclusive(name, { owner, millis }))

const leases = new Map<string, () => Promise<void>>()

/** Whether nobody else was there at the same time: the file can be made once. No clock is asked. */
const enter = async (inside: string, stay: number): Promise<boolean> => {
  try {
    closeSync(openSync(inside, "wx"))
  } catch {
    return false
  }
  await sleep(stay)
  unlinkSync(inside)
  return true
}

const commands: Commands = {
  load: ({ name }) => run(storage.load(name)),
  save: ({ name, text, fence }) => run(storage.save(name, { text, fence })),
  remove: ({ name }) => run(storage.remove(name)),
  exclusive: async ({ name, owner, millis }) => {
    const answer = await ask(name, owner, millis)
    if (answer._tag === "Held") return answer
    leases.set(name, () => run(answer.release))
    return { _tag: "Lease", fence: answer.fence }
  },
  release: async ({ name }) => leases.get(name)?.(),
  takeTurn: async ({ name, owner, millis, inside, stay }) => {
    for (;;) {
      const answer = await ask(name, owner, millis)
      if (answer._tag === "Held") {
        await sleep(1)
        continue
      }
      const alone = await enter(inside, stay)
      await run(answer.release)
      return { alone, fence: answer.fence }
    }
  },
  writeOn: async ({ name, size, from, step }) => {
    for (let saved = 0; ; saved += 1) {
      const fence = from + saved * step
      if (!(await run(storage.save(name, { text: longText(fence, size), fence })))) return saved
    }
  }
}

process.on("message", ({ id, command, input }: Request) => {
  const perform = commands[command] as (input: unknown) => Promise<unknown>
  perform(input).then(
    (output) => process.send?.({ id, output }),
    (cause: unknown) => process.send?.({ id, fault: { ...(cause as object), message: String(cause) } })
  )
})
process.on("disconnect", () => process.exit())
process.send?.({ id: 0 })
