import { Argument, Command, CommanderError, Option } from "commander"
import { exitCodes } from "./output/exitCodes.ts"
import { silenceNotes } from "./output/note.ts"
import { printError } from "./output/printError.ts"
import { UsageError } from "./output/UsageError.ts"

/** Starts a command; what it returns is the exit code. Its module is loaded only when it runs. */
type Action = (...args: ReadonlyArray<any>) => Promise<number | void>

const stop = new AbortController()

/** A command with the options that all have. */
const command = (name: string, summary: string, examples: ReadonlyArray<string>): Command =>
  new Command(name)
    .description(summary)
    .option("-p, --profile <name>", "the profile of the configuration file")
    .option("--config <file>", "the configuration file")
    .option("-q, --quiet", "print nothing on stderr but errors")
    .addHelpText("after", `\nExamples:\n${examples.map((example) => `  ${example}`).join("\n")}`)
    .hook("preAction", (_, { quiet }: any) => {
      if (quiet === true) silenceNotes()
    })

const choice = (flags: string, summary: string, choices: ReadonlyArray<string>) =>
  new Option(flags, summary).choices(choices)

const collect = (value: string, earlier: ReadonlyArray<string> = []) => [...earlier, value]

const tokenCommand = () =>
  command("token", "print a valid access token, or what is known about it", [
    "tokenkeep token                                     what is known about the token",
    'curl -H "$(tokenkeep token --format header)" URL    a request with curl',
    "TOKEN=$(tokenkeep token --reveal)                   the token alone"
  ])
    .option("--reveal", "print the token itself")
    .addOption(
      choice("--format <format>", "header and exec-credential contain the token", [
        "table",
        "json",
        "header",
        "exec-credential"
      ])
    )
    .action(runs(async (options) => (await import("./commands/token.ts")).token(options, stop.signal)))

const requestCommand = () =>
  command("request", "send an authorized request, and print the body of the response", [
    "tokenkeep request GET /api/v1/mics",
    "tokenkeep request POST /orders -H 'Content-Type: application/json' -d @order.json",
    "tokenkeep request GET /report --fail > report.csv"
  ])
    .addArgument(new Argument("<method>", "the method, such as GET"))
    .addArgument(new Argument("<path>", "the path below the base URL of the API"))
    .option("-d, --data <data>", "the body; @FILE reads a file, and @- reads stdin")
    .option("-H, --header <header>", 'a header as "Name: value"; repeatable', collect)
    .option("-i, --include", "print status and headers too")
    .option("--fail", "print no body if the status is 400 or above")
    .addHelpText("after", "\nThe exit code is 4 for a status from 400 to 499, and 5 for 500 and above.")
    .action(
      runs(async (method, path, options) =>
        (await import("./commands/request.ts")).request(method, path, options, stop.signal)
      )
    )

const runs =
  (action: Action) =>
  async (...args: ReadonlyArray<unknown>): Promise<void> => {
    // Commander passes the command itself last.
    process.exitCode = (await action(...args.slice(0, -1))) ?? exitCodes.ok
  }

const program = (): Command => {
  const root = new Command("tokenkeep")
    .description("Access tokens that are always fresh, on the command line and for programs in any language.")
    .helpCommand("help [command]", "show the help of a command")
    .showHelpAfterError("Run it with --help for its options.")
  const commands = [tokenCommand(), requestCommand()]
  for (const each of commands) root.addCommand(each.copyInheritedSettings(root))
  for (const each of [root, ...commands]) each.exitOverride()
  return root
}

/** Arguments are visible to every user of the machine, in `ps`. */
const refusePasswords = (args: ReadonlyArray<string>): void => {
  for (const arg of args) {
    const text = arg.slice(arg.indexOf("=") + 1)
    if (!URL.canParse(text)) continue
    const { password, username } = new URL(text)
    if (password === "" && username === "") continue
    throw new UsageError(
      "An argument is a URL with a user or a password, which every user of this machine can see.",
      "Set it in the environment, such as REDIS_URL, or in a file that the configuration names."
    )
  }
}

/** A reader such as `head` that ends early ends this command quietly, as it ends others. */
const endWithReader = () =>
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.brokenPipe)
    throw error
  })

/** The first Ctrl-C lets the command release what it holds; the second ends it at once. */
const endOnInterrupt = () =>
  process.once("SIGINT", () => {
    process.once("SIGINT", () => process.exit(exitCodes.interrupted))
    stop.abort()
  })

/** Runs the command line, and sets the exit code. */
export const run = async (args: ReadonlyArray<string>): Promise<void> => {
  endWithReader()
  endOnInterrupt()
  try {
    refusePasswords(args)
    await program().parseAsync(args, { from: "user" })
  } catch (error) {
    if (stop.signal.aborted && !(error instanceof CommanderError)) process.exitCode = exitCodes.interrupted
    else process.exitCode = printError(error)
  }
}
