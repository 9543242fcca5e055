import { TokenkeepError } from "@tokenkeep/core"
import { existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { parseJson } from "../parseJson.ts"
import { fileProblem, readTextFile } from "../readTextFile.ts"
import type { Config } from "./Config.ts"
import { configFolder } from "./configFolder.ts"

const fileName = "tokenkeep.config.json"

const invalid = (option: string, what: string, fix: string) =>
  TokenkeepError.of({ _tag: "ConfigInvalid", option }, { what, fix })

/** The file that was named, else the one of the working directory, else the one of the user. */
const findFile = (named: string | undefined): string | undefined => {
  if (named !== undefined) return resolve(named)
  const folders = [process.cwd(), configFolder()]
  return folders.map((folder) => join(folder, fileName)).find((file) => existsSync(file))
}

/** More than any configuration has, in bytes. */
const longest = 2 ** 20

/** A secret's file is found wherever the command starts: a relative path is one from the configuration. */
const withPathsFrom = (folder: string) => (name: string, value: unknown) =>
  name === "file" && typeof value === "string" ? resolve(folder, value) : value

const parse = (file: string, option: string | undefined): unknown => {
  let text: string
  try {
    text = readTextFile(file, longest)
  } catch (error) {
    // What was passed as an option is not repeated: it might be a secret.
    const which = option === undefined ? file : `that ${option} names`
    const problem = `The configuration ${which} cannot be read: ${fileProblem(error)}.`
    throw invalid(
      "config",
      problem,
      "Name a file that this user can read. A relative path starts at the working directory."
    )
  }
  try {
    return parseJson(text, withPathsFrom(dirname(file)))
  } catch (error) {
    throw invalid(
      "config",
      `The configuration ${file} cannot be used: ${(error as SyntaxError).message}.`,
      "Correct it there. JSON has no comments, and no comma before a closing bracket."
    )
  }
}

/** A configuration and where it comes from. */
export interface FoundConfig {
  readonly file: string
  readonly config: Config
}

/**
 * The configuration file, if there is one: `--config` or `TOKENKEEP_CONFIG`, else `tokenkeep.config.json` in the working
 * directory, else in `$XDG_CONFIG_HOME/tokenkeep`. Throws `CONFIG_INVALID` with the field that is wrong.
 */
export const readConfig = async (named: string | undefined): Promise<FoundConfig | undefined> => {
  const variable = process.env["TOKENKEEP_CONFIG"] || undefined
  const file = findFile(named ?? variable)
  if (file === undefined) return undefined
  const content = parse(file, named !== undefined ? "--config" : variable && "TOKENKEEP_CONFIG")
  // Only a command with a file pays for the checks.
  const [{ Config }, { getDotPath, safeParse }] = await Promise.all([import("./Config.ts"), import("valibot")])
  const result = safeParse(Config, content)
  if (result.success) return { file, config: result.output }
  // A misspelt field is often also a missing one: the first is easier to fix.
  const issue = result.issues.find(({ expected }) => expected === "never") ?? result.issues[0]
  const field = getDotPath(issue) ?? "the file"
  throw invalid(
    field,
    `In ${file}, ${field} ${issue.message.replace(/\.$/, "")}.`,
    "tokenkeep.schema.json of this package lists all fields."
  )
}
