import { Command } from "commander"
import { commands } from "./commands.ts"
import { withoutValues } from "./withoutValues.ts"

/** The command with all its subcommands. */
export const rootCommand = (version: string, signal: AbortSignal): Command => {
  const root = new Command("tokenkeep")
    .description("Access tokens that are always fresh, on the command line and for programs in any language.")
    .helpCommand("help [command]", "show the help of a command")
    .showHelpAfterError("Run it with --help for its options.")
    .configureOutput({ outputError: (message, write) => write(withoutValues(message)) })
    .version(version, "-V, --version", "print the version")
    .exitOverride()
  for (const each of commands(signal)) root.addCommand(each.copyInheritedSettings(root))
  return root
}
