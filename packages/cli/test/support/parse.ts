import { CommanderError } from "commander"
import { rootCommand } from "../../src/program/rootCommand.ts"

/** What a wrong command line prints, without a process of its own: no command runs, because its arguments are wrong. */
export const refusal = async (args: ReadonlyArray<string>): Promise<string> => {
  let printed = ""
  const root = rootCommand("0.0.0", new AbortController().signal)
  for (const command of [root, ...root.commands]) {
    command.configureOutput({ writeErr: (text) => (printed += text), writeOut: (text) => (printed += text) })
  }
  try {
    await root.parseAsync(args, { from: "user" })
  } catch (error) {
    if (error instanceof CommanderError) return printed
    throw error
  }
  throw new Error(`The command line was accepted: ${args.join(" ")}`)
}
