let quiet = false

/** With `--quiet`, stderr has errors only. */
export const silenceNotes = (): void => {
  quiet = true
}

/** A line for the person at the terminal; programs read stdout. */
export const note = (text: string): void => {
  if (!quiet) process.stderr.write(`${text}\n`)
}
