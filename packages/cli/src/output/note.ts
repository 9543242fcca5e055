import { printable } from "./printable.ts"

let isQuiet = false

/** With `--quiet`, stderr has errors only. */
export const silenceNotes = (): void => {
  isQuiet = true
}

export const notesAreShown = (): boolean => !isQuiet

/** A line for the person at the terminal; programs read stdout. */
export const note = (text: string): void => {
  if (!isQuiet) process.stderr.write(`${printable(text)}\n`)
}
