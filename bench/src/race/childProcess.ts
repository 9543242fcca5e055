import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"

/** Starts a program of this folder, which sends a first message when it is ready and ends when it is disconnected. */
export const start = async (file: string, args: ReadonlyArray<string> = []) => {
  const child = fork(new URL(file, import.meta.url), args, { execArgv: process.execArgv })
  const [first] = (await once(child, "message")) as ReadonlyArray<unknown>
  const stop = async (): Promise<void> => {
    const exited = once(child, "exit")
    child.disconnect()
    await exited
  }
  return { child, first, stop }
}

/** Sends a message, and returns the next one that the program sends. Rejects if the program ends instead. */
export const ask = async <Answer>(child: ChildProcess, message: object): Promise<Answer> => {
  const received = new AbortController()
  const ended = once(child, "exit", { signal: received.signal }).then(() => {
    throw new Error(`A process of the race ended while it had to answer ${JSON.stringify(message)}.`)
  })
  ended.catch(() => undefined)
  const first = Promise.race([once(child, "message"), ended])
  child.send(message)
  const [answer] = (await first) as [Answer]
  received.abort()
  return answer
}
