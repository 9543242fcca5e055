import type { Commands } from "./connection.ts"
import { replyCode } from "./failures.ts"
import type { Script } from "./scripts.ts"

/** What a script is run with; its keys are one credential's, hence in one slot. */
export interface Call {
  readonly keys: ReadonlyArray<string>
  readonly args: ReadonlyArray<string>
}

/**
 * Runs a script by its digest; a server that does not know it, or was told to forget it, gets its text, unless nobody
 * waits for the answer any more.
 */
export const runScript = async (
  commands: Commands,
  { sha, source }: Script,
  { args, keys }: Call,
  signal?: AbortSignal
): Promise<unknown> => {
  try {
    return await commands.evalSha(sha, keys, args)
  } catch (error) {
    if (replyCode(error) !== "NOSCRIPT" || signal?.aborted === true) throw error
    return commands.eval(source, keys, args)
  }
}
