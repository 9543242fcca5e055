import type { Commands } from "./connection.ts"
import { replyCode } from "./failures.ts"
import { type Call, runScript } from "./runScript.ts"
import { acquire, release } from "./scripts.ts"

/** What the server answered: the fence of a lease, or who has it. */
export interface Answer {
  readonly granted: boolean
  readonly fence: number
  readonly left: number
  readonly owner: string
}

const ignore = (): void => undefined

/** Clients may be set up to answer with numbers, texts or bytes. */
const readAnswer = (reply: unknown): Answer => {
  const [granted, fence, left, owner = ""] = (reply as ReadonlyArray<unknown>).map(String)
  return { granted: granted === "1", fence: Number(fence), left: Number(left), owner }
}

/**
 * Asks for a lease once, so that it can be given up: the server may be given the question all the same, late, by a
 * network or a process that was frozen, and what it grants then is given back.
 */
export const asking = (question: Call, giveBack: Call) => {
  let asked: Commands | undefined
  let isGivenUp = false

  /** It follows the question on the same connection, so that nobody can be granted the lease in between. */
  const takeBack = (): void => {
    if (asked !== undefined) runScript(asked, release, giveBack).catch(ignore)
  }

  const giveUp = (): void => {
    isGivenUp = true
    takeBack()
  }

  const answer = async (commands: Commands): Promise<Answer> => {
    const found = readAnswer(await runScript(commands, acquire, question, () => !isGivenUp))
    // In a Cluster or a pool the two may have gone different ways.
    if (found.granted && isGivenUp) takeBack()
    return found
  }

  return {
    ask: async (commands: Commands): Promise<Answer> => {
      asked = commands
      const answered = answer(commands)
      try {
        return await (commands.untilLost?.(answered) ?? answered)
      } catch (error) {
        // Unless the server said no, it may have granted it, or may do so yet.
        if (replyCode(error) === undefined) giveUp()
        throw error
      }
    },
    giveUp
  }
}
