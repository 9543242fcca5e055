import type { Commands } from "./connection.ts"
import { replyCode } from "./failures.ts"
import { type Call, runScript } from "./runScript.ts"
import { acquire, release } from "./scripts.ts"

/** What the server answered: a fence, or who has the lease. */
export type Answer =
  | { readonly granted: true; readonly fence: number }
  | { readonly granted: false; readonly fence: number; readonly left: number; readonly owner: string }

const ignore = (): void => undefined

/** Clients may be set up to answer with numbers, texts or bytes. */
const readAnswer = (reply: unknown): Answer => {
  const [granted, fence, left, owner] = (reply as ReadonlyArray<unknown>).map(String)
  return granted === "1"
    ? { granted: true, fence: Number(fence) }
    : { granted: false, fence: Number(fence), left: Number(left), owner: owner ?? "" }
}

/**
 * Asks for a lease. When the asking is aborted, the server may be given the question all the same, by a network or a
 * server that was frozen: whatever it grants then is given back. What gives back follows the question on the same
 * connection, and goes out again once a grant is known, since a Cluster or a pool may have taken another way.
 */
export const ask = async (commands: Commands, question: Call, giveBack: Call, signal: AbortSignal): Promise<Answer> => {
  const giveUp = (): void => void runScript(commands, release, giveBack).catch(ignore)
  signal.addEventListener("abort", giveUp, { once: true })
  try {
    const answer = readAnswer(await runScript(commands, acquire, question, signal))
    if (answer.granted && signal.aborted) giveUp()
    return answer
  } catch (error) {
    // The server refused, or nobody knows.
    if (replyCode(error) === undefined && !signal.aborted) giveUp()
    throw error
  } finally {
    signal.removeEventListener("abort", giveUp)
  }
}
