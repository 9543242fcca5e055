import type { Commands } from "./connections/connection.ts"
import { replyCode } from "./failures.ts"
import type { Script } from "./scripts.ts"

/** The keys and arguments of a script. All keys belong to one credential, so they are in one slot of a Cluster. */
export interface Call {
  readonly keys: ReadonlyArray<string>
  readonly args: ReadonlyArray<string>
}

const always = (): boolean => true

/** Runs a script by its digest. If the server does not have it, and the result is still needed, sends the source. */
export const runScript = async (
  commands: Commands,
  { sha, source }: Script,
  { args, keys }: Call,
  isNeeded: () => boolean = always
): Promise<unknown> => {
  try {
    return await commands.evalSha(sha, keys, args)
  } catch (error) {
    if (replyCode(error) !== "NOSCRIPT" || !isNeeded()) throw error
    return commands.eval(source, keys, args)
  }
}

/** The same, but rejects when the connection is lost. */
export const runScriptUntilLost = (commands: Commands, script: Script, call: Call): Promise<unknown> => {
  const response = runScript(commands, script, call)
  return commands.untilLost?.(response) ?? response
}
