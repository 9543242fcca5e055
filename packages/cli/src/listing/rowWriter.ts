import { once } from "node:events"
import { printable, printableJson } from "../output/printable.ts"
import { table } from "../output/table.ts"
import type { Column } from "./Column.ts"

export type ListFormat = "table" | "json" | "csv"

/** Turns a batch of items into text; the first batch has the header. */
type Format<Item> = (items: ReadonlyArray<Item>, isFirst: boolean) => string | Promise<string>

const headed = <Item>(columns: ReadonlyArray<Column<Item>>, items: ReadonlyArray<Item>, isFirst: boolean) => {
  const rows = items.map((item) => columns.map((column) => column.of(item)))
  return isFirst ? [columns.map(({ name }) => name), ...rows] : rows
}

/** A program gets the text as it is; a terminal would obey its control characters. */
const csvCell = (cell: string | number) => (process.stdout.isTTY && typeof cell === "string" ? printable(cell) : cell)

const formats = <Item>(columns: ReadonlyArray<Column<Item>>): Record<ListFormat, Format<Item>> => {
  const widths: Array<number> = []
  return {
    table: (items, isFirst) =>
      table(
        headed(columns, items, isFirst).map((row) => row.map(String)),
        widths
      ),
    json: (items) => items.map((item) => `${printableJson(item)}\n`).join(""),
    csv: async (items, isFirst) => {
      const { stringify } = await import("csv-stringify/sync")
      return stringify(headed(columns, items, isFirst).map((row) => row.map(csvCell)))
    }
  }
}

/** Writes batches of items to stdout, no faster than its reader takes them. */
export const rowWriter = <Item>(format: ListFormat, columns: ReadonlyArray<Column<Item>>) => {
  const textOf = formats(columns)[format]
  let isFirst = true
  return async (items: ReadonlyArray<Item>): Promise<void> => {
    if (items.length === 0 && !isFirst) return
    const text = await textOf(items, isFirst)
    isFirst = false
    if (!process.stdout.write(text)) await once(process.stdout, "drain")
  }
}
