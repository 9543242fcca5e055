import { Command } from "commander"
import { commands } from "./commands.ts"
import { withoutValues } from "./withoutValues.ts"

const start = `
Start without an account: run "tokenkeep fake", and copy what it prints into another terminal.
With an account: set DEEPLY_API_KEY, or run "tokenkeep login", and then "tokenkeep doctor".
For other APIs and several profiles, write a tokenkeep.config.json.

Environment: DEEPLY_API_KEY, DEEPLY_HOST, REDIS_URL, TOKENKEEP_CONFIG, TOKENKEEP_PROFILE,
TOKENKEEP_ENCRYPTION_KEY, TOKENKEEP_SERVE_SECRET. The exit code is 0 if all is well,
1 for a failure, and 2 for a wrong command or configuration.`

/** The command with all its subcommands. */
export const rootCommand = (version: string, signal: AbortSignal): Command => {
  const root = new Command("tokenkeep")
    .description("Access tokens that are always fresh, on the command line and for programs in any language.")
    .helpCommand("help [command]", "show the help of a command")
    .showHelpAfterError("Run it with --help for its options.")
    .configureOutput({ outputError: (message, write) => write(withoutValues(message)) })
    .addHelpText("after", start)
    .version(version, "-V, --version", "print the version")
    .exitOverride()
  for (const each of commands(signal)) root.addCommand(each.copyInheritedSettings(root))
  return root
}
