import stringWidth from "string-width"
import { printable } from "./printable.ts"

const padded = (text: string, width: number) => text + " ".repeat(Math.max(0, width - stringWidth(text)))

/**
 * Rows in columns of equal width; a Korean character takes two places in a terminal.
 *
 * @param widths The widths of earlier rows of the same table; they grow.
 */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>, widths: Array<number> = []): string => {
  const cells = rows.map((row) => row.map(printable))
  for (const row of cells) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell))))
  }
  const lines = cells.map((row) =>
    row
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join("  ")
      .trimEnd()
  )
  return lines.map((line) => `${line}\n`).join("")
}
