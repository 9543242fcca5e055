import type { Command } from "commander"
import { profiles } from "../profiles/Profile.ts"

const completionCommands: ReadonlySet<string | undefined> = new Set([
  "complete",
  "completion",
  "help",
  "--help",
  "-h",
  undefined
])

const usage = `
Examples:
  source <(tokenkeep completion bash)   in ~/.bashrc; needs the package bash-completion
  source <(tokenkeep completion zsh)    in ~/.zshrc
  tokenkeep completion fish | source    in ~/.config/fish/config.fish`

/** What a shell takes as one word without quotes. */
const isWord = (name: string) => /^[\w.+@-]+$/.test(name)

/** The names of the profiles of a line that is being completed; none if its configuration cannot be used. */
const profileNames = async (line: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const at = line.indexOf("--config")
  const inline = line.find((word) => word.startsWith("--config="))
  try {
    const { all } = await profiles({ config: inline?.slice("--config=".length) ?? (at < 0 ? undefined : line[at + 1]) })
    return all.map(({ name }) => name).filter(isWord)
  } catch {
    return []
  }
}

/** Shell completion is loaded only when a shell asks for it, or to show it in the help. */
export const withCompletion = async (root: Command, [first, ...line]: ReadonlyArray<string>): Promise<Command> => {
  if (!completionCommands.has(first)) return root
  if (first === "complete") {
    const names = await profileNames(line)
    const options = root.commands.flatMap((command) => command.options.filter(({ long }) => long === "--profile"))
    for (const option of options) option.argChoices = [...names]
  }
  const { default: complete } = await import("@bomb.sh/tab/commander")
  complete(root, { completionCommandName: "completion" })
  const command = root.commands.find((each) => each.name() === "completion")
  command?.description("print the completion for a shell").addHelpText("after", usage)
  return root
}
