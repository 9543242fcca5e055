import { styleText } from "node:util"

/** Writes the demo's report; colour only where a person sees it (`NO_COLOR` and pipes are honoured by `styleText`). */
const style = (format: Parameters<typeof styleText>[0], text: string): string =>
  styleText(format, text, { stream: process.stdout })

const line = (text = ""): void => console.log(text)

export const title = (name: string, detail: string): void => line(`${style("bold", name)}  ${style("dim", detail)}`)

export const section = (name: string): void => line(`\n${style(["bold", "cyan"], name)}`)

/** One thing that was shown to work, with the time it took. */
export const done = (what: string, millis: number): void =>
  line(`  ${style("green", "✓")} ${what.padEnd(66)} ${style("dim", `${millis.toFixed(0).padStart(4)} ms`)}`)

export const detail = (text: string): void => line(`      ${text}`)

/** An authorization error as a person needs it: what came, what it means, what to do. */
export const explained = (came: string, code: string, fix: string): void => {
  line(`  ${style("yellow", "!")} ${came.padEnd(20)} ${style("bold", code)}`)
  detail(style("dim", fix))
}

export const closing = (text: string): void => line(`\n${style("bold", text)}`)

/** What did not go as the demo says it does; the process then ends with 1. */
export const failed = (what: string): void => {
  line(`  ${style("red", "✗")} ${what}`)
  process.exitCode = 1
}

/** Lines that change in place where a person sees them; elsewhere only the last ones are written. */
export const live = () => {
  const isTerminal = process.stdout.isTTY
  let height = 0
  const draw = (lines: ReadonlyArray<string>) => {
    if (height > 0) process.stdout.write(`\u001B[${height}A`)
    for (const text of lines) process.stdout.write(`${isTerminal ? "\u001B[2K" : ""}  ${text}`.trimEnd() + "\n")
    height = isTerminal ? lines.length : 0
  }
  return {
    show: (lines: ReadonlyArray<string>): void => {
      if (isTerminal) draw(lines)
    },
    end: draw
  }
}
