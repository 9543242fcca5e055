import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parsePage } from "../../test/docs/Markdown.ts"

/** A command that a README shows, with what it says that is printed then. */
export interface Shown {
  readonly command: string
  readonly args: ReadonlyArray<string>
  readonly promised: ReadonlyArray<string>
}

/** The commands of an app's README, one a block, each with its output right after it. */
export const shownIn = (directory: string): ReadonlyArray<Shown> => {
  const { blocks } = parsePage(readFileSync(join(directory, "README.md"), "utf8"))
  return blocks
    .filter(({ language }) => language === "sh")
    .map(({ line, next, text }) => {
      const [command = "", ...args] = text.trim().split(" ")
      if (text.includes("\n") || next?.language !== "text") {
        throw new Error(`${directory}/README.md:${line} is not one command with its output`)
      }
      return { command, args, promised: next.text.trimEnd().split("\n") }
    })
}
