import { styleText } from "node:util"

/** Adds a style on a terminal. `styleText` leaves it out for pipes and with `NO_COLOR`. */
const style = (format: Parameters<typeof styleText>[0], text: string): string =>
  styleText(format, text, { stream: process.stdout })

const line = (text = ""): void => console.log(text)

export const title = (name: string, detail: string): void => line(`${style("bold", name)}  ${style("dim", detail)}`)

export const section = (name: string): void => line(`\n${style(["bold", "cyan"], name)}`)

/** Prints a step that worked, with the milliseconds it took. */
export const done = (what: string, millis: number): void =>
  line(`  ${style("green", "✓")} ${what.padEnd(66)} ${style("dim", `${millis.toFixed(0).padStart(4)} ms`)}`)

export const detail = (text: string): void => line(`      ${text}`)

/** Prints an error that the demo caused on purpose: what happened, its code and what to do. */
export const expectedError = (what: string, code: string, fix: string): void => {
  line(`  ${style("yellow", "!")} ${what.padEnd(28)} ${style("bold", code)}`)
  detail(style("dim", fix))
}

export const closing = (text: string): void => line(`\n${style("bold", text)}`)

/** Prints a step that failed, and makes the process exit with 1. */
export const failed = (what: string): void => {
  line(`  ${style("red", "✗")} ${what}`)
  process.exitCode = 1
}

/** A table that is updated in place on a terminal. In a pipe, only its last state is printed. */
export const liveTable = () => {
  const isTerminal = process.stdout.isTTY
  let height = 0
  const draw = (lines: ReadonlyArray<string>) => {
    if (height > 0) process.stdout.write(`\u001B[${height}A`)
    for (const text of lines) process.stdout.write(`${isTerminal ? "\u001B[2K" : ""}  ${text}`.trimEnd() + "\n")
    height = isTerminal ? lines.length : 0
  }
  return {
    update: (lines: ReadonlyArray<string>): void => {
      if (isTerminal) draw(lines)
    },
    finish: draw
  }
}
