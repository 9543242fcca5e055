import type { Commands } from "./connection.ts"
import { replyCode } from "./failures.ts"
import type { Script } from "./scripts.ts"

/** What a script is run with; its keys are one credential's, hence in one slot. */
export interface Call {
  readonly keys: ReadonlyArray<string>
  readonly args: ReadonlyArray<string>
}

const always = (): boolean => true

/**
 * Runs a script by its digest; a server that does not know it, or was told to forget it, gets its text, if the answer is
 * wanted by then.
 */
export const runScript = async (
  commands: Commands,
  { sha, source }: Script,
  { args, keys }: Call,
  isWanted: () => boolean = always
): Promise<unknown> => {
  try {
    return await commands.evalSha(sha, keys, args)
  } catch (error) {
    if (replyCode(error) !== "NOSCRIPT" || !isWanted()) throw error
    return commands.eval(source, keys, args)
  }
}

/** The same, until the connection is lost. */
export const runScriptOnce = (commands: Commands, script: Script, call: Call): Promise<unknown> => {
  const answer = runScript(commands, script, call)
  return commands.untilLost?.(answer) ?? answer
}
