import stringWidth from "string-width"
import { printable } from "./printable.ts"

const padded = (text: string, width: number) => text + " ".repeat(Math.max(0, width - stringWidth(text)))

/** Rows in columns of equal width; a Korean character takes two places in a terminal. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const cells = rows.map((row) => row.map(printable))
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => stringWidth(row[column] ?? ""))))
  const lines = cells.map((row) =>
    row
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join("  ")
      .trimEnd()
  )
  return lines.map((line) => `${line}\n`).join("")
}
