// A process that takes turns with others: it waits for the lease, looks whether it is alone, saves, and gives it back.
import { TokenStorage } from "@tokenkeep/core"
import { FileStorage } from "@tokenkeep/storage-file"
import * as Effect from "effect/Effect"
import { readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"

export interface Turn {
  readonly fence: number
  readonly wasAlone: boolean
  readonly hasSaved: boolean
}

/** A text that its fence decides, so that a part of it, or of two, is none. */
export const turnText = (fence: number): string => `${fence};`.repeat(50 + (fence % 2_000))

/** Whether a process was killed; its parent need not know yet. */
const isDead = (pid: string): boolean => {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return true
  }
}

const markOf = (inside: string): string | undefined => {
  try {
    return readlinkSync(inside)
  } catch {
    return undefined
  }
}

/** A link is made at once, with what it says, and once only. No clock is asked who is inside. */
const enter = (inside: string): boolean => {
  const other = markOf(inside)
  if (other !== undefined && isDead(other)) rmSync(inside, { force: true })
  try {
    symlinkSync(`${process.pid}`, inside)
    return true
  } catch {
    return false
  }
}

const takeTurns = async (directory: string, name: string, inside: string, millis: number): Promise<never> => {
  const run = Effect.runPromise
  const storage = await run(Effect.provide(TokenStorage, FileStorage.layer({ directory })))
  const request = { owner: `process-${process.pid}`, millis }
  process.send?.({ fence: -process.pid, wasAlone: true, hasSaved: true } satisfies Turn)
  for (;;) {
    const answer = await storage.exclusive?.(name, request).pipe(run)
    if (answer?._tag !== "Lease") {
      await sleep(Math.random() * 4)
      continue
    }
    const wasAlone = enter(inside)
    await sleep(Math.random() * 4)
    const hasSaved = await run(storage.save(name, { text: turnText(answer.fence), fence: answer.fence }))
    if (wasAlone) rmSync(inside, { force: true })
    await run(answer.release)
    process.send?.({ fence: answer.fence, wasAlone, hasSaved } satisfies Turn)
  }
}

const [directory, name, inside, millis] = process.argv.slice(2)
if (directory !== undefined && name !== undefined && inside !== undefined && process.send !== undefined) {
  process.once("disconnect", () => process.exit(0))
  void takeTurns(directory, name, inside, Number(millis))
}
