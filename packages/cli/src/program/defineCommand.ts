import { Command, Option } from "commander"
import { exitCodes } from "../output/exitCodes.ts"
import { silenceNotes } from "../output/note.ts"

/** A command with examples in its help, and the options that all have. */
export const defineCommand = (name: string, summary: string, examples: ReadonlyArray<string>): Command =>
  new Command(name)
    .description(summary)
    .option("-q, --quiet", "print nothing on stderr but errors")
    .addHelpText("after", `\nExamples:\n${examples.map((example) => `  ${example}`).join("\n")}`)
    .hook("preAction", (running) => {
      if (running.opts()["quiet"] === true) silenceNotes()
    })

/** The options of a command that uses one profile. */
export const withProfile = (command: Command): Command =>
  command
    .option("-p, --profile <name>", "the profile to use (default: TOKENKEEP_PROFILE, else the default of the file)")
    .option("--config <file>", "the configuration (default: tokenkeep.config.json here, else in ~/.config/tokenkeep)")

/** An option with one of some values; the first is the default. */
export const oneOf = (flags: string, summary: string, choices: ReadonlyArray<string>): Option =>
  new Option(flags, summary).choices(choices).default(choices[0])

/** The value of an option that may be given several times. */
export const collect = (value: string, earlier: ReadonlyArray<string> = []): ReadonlyArray<string> => [
  ...earlier,
  value
]

/** Starts a command; what it returns is the exit code. */
type Action = (...args: ReadonlyArray<any>) => Promise<number | void>

export const runs =
  (action: Action) =>
  async (...args: ReadonlyArray<unknown>): Promise<void> => {
    // Commander passes the command itself last.
    process.exitCode = (await action(...args.slice(0, -1))) ?? exitCodes.ok
  }
