import { note, notesAreShown } from "../output/note.ts"

const clearLine = "\r\u001b[K"

/** A count on stderr while a listing is fetched; only a person at a terminal sees it. */
export const progress = (what: string) => {
  const isShown = process.stderr.isTTY && !process.stdout.isTTY && notesAreShown()
  let count = 0
  return {
    add: (more: number) => {
      count += more
      if (isShown) process.stderr.write(`${clearLine}${count} ${what}`)
    },
    /** Says if nothing was found: an empty output could also be a mistake. */
    end: async (write: (none: readonly []) => Promise<void>) => {
      if (isShown && count > 0) process.stderr.write(clearLine)
      if (count > 0) return
      await write([])
      note(`tokenkeep: 0 ${what} were found`)
    }
  }
}
