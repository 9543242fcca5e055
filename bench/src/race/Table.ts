import { median, type Timing } from "../measure.ts"

/** What was measured of one thing, a number for each round. */
export type Cell = ReadonlyArray<number>

/** The rows by name, with their cells by the names of the columns. */
export interface Table {
  readonly title: string
  readonly note: string
  readonly rows: Readonly<Record<string, Readonly<Record<string, Cell>>>>
}

export const timesOf = ({ rounds }: Timing, nanosecondsPerUnit: number): Cell =>
  rounds.map((time) => time / nanosecondsPerUnit)

const countsOf = ({ counts }: Timing, name: string): Cell => counts.map((count) => count[name] ?? NaN)

/** The rows of a table that shows what many requests at once led to. */
export const outcomeRows = (timings: ReadonlyArray<Timing>): Table["rows"] =>
  Object.fromEntries(
    timings.map((timing) => [
      timing.name,
      {
        "token requests": countsOf(timing, "tokens"),
        "failed requests": countsOf(timing, "failures"),
        ms: countsOf(timing, "ms")
      }
    ])
  )

/** How many of one fit into the time of the other, round by round: 2 is twice as fast as the base. */
export const speedOf = ({ rounds }: Timing, base: Timing): Cell =>
  rounds.map((time, round) => (base.rounds[round] ?? NaN) / time)

export const find = (timings: ReadonlyArray<Timing>, name: string): Timing => {
  const found = timings.find((timing) => timing.name === name)
  if (found === undefined) throw new Error(`${name} was not measured.`)
  return found
}

/** The median of a cell, or undefined if it was not measured. */
export const valueOf = (table: Table | undefined, row: string, column: string): number | undefined => {
  const cell = table?.rows[row]?.[column]
  return cell === undefined ? undefined : median(cell)
}

export const format = (value: number): string =>
  Number.isInteger(value) || value >= 100
    ? value.toFixed(0).replaceAll(/\B(?=(\d{3})+$)/g, ",")
    : value.toFixed(value >= 10 ? 1 : 2)

/** The median, and the range of the rounds. */
const textOf = (cell: Cell = []): string => {
  if (cell.length === 0) return "–"
  const [least, middle, most] = [Math.min(...cell), median(cell), Math.max(...cell)].map(format)
  return least === most ? `${middle}` : `${middle} (${least}–${most})`
}

const line = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

export const markdownOf = ({ note, rows, title }: Table): string => {
  const columns = [...new Set(Object.values(rows).flatMap((cells) => Object.keys(cells)))]
  return [
    `## ${title}`,
    "",
    note,
    "",
    line(["", ...columns]),
    line(["", ...columns].map(() => "---")),
    ...Object.entries(rows).map(([name, cells]) => line([name, ...columns.map((column) => textOf(cells[column]))]))
  ].join("\n")
}
