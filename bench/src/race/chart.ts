import { format, type Table, valueOf } from "./Table.ts"

interface Bars {
  readonly title: string
  readonly subtitle: string
  readonly table: Table
  readonly column: string
  readonly unit: string
  /** Rows that are left out. */
  readonly isLeftOut?: (row: string) => boolean
  /** The label of a bar, instead of its value. */
  readonly label?: (row: string, value: number) => string
  /** Whether the longest bar comes first. */
  readonly isMoreBetter?: boolean
  /** A logarithmic scale, for values that differ by orders of magnitude. */
  readonly isLogarithmic?: boolean
}

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")

const style = `
  svg { font: 14px system-ui, sans-serif; color-scheme: light dark }
  text { fill: #1f2328 } .title { font-size: 17px; font-weight: 600 } .quiet { fill: #59636e; font-size: 13px }
  .back { fill: #fff } rect.bar { fill: #a8b1bb } rect.ours { fill: #14856e } text.ours { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #9198a1 } .back { fill: #0d1117 } rect.bar { fill: #59636e } rect.ours { fill: #3fb68b }
  }`

/** Horizontal bars, one for each row of a table, as an SVG for light and dark pages. */
export const chart = (bars: Bars): string => {
  const {
    column,
    isLeftOut = () => false,
    isLogarithmic = false,
    isMoreBetter = false,
    subtitle,
    table,
    title,
    unit
  } = bars
  const { label = (_, value) => `${format(value)} ${unit}` } = bars
  const rows = Object.keys(table.rows)
    .flatMap((name) => {
      const value = isLeftOut(name) ? undefined : valueOf(table, name, column)
      return value === undefined ? [] : [{ name, value }]
    })
    .toSorted((a, b) => (isMoreBetter ? b.value - a.value : a.value - b.value))
  const sizeOf = (value: number) => (isLogarithmic ? Math.log10(Math.max(value, 1)) : value)
  const most = Math.max(...rows.map(({ value }) => sizeOf(value)), 1e-9)
  const [left, width, labels, top, step] = [260, 380, 230, 66, 26]
  const height = top + rows.length * step + 10
  const body = rows.flatMap(({ name, value }, index) => {
    const y = top + index * step
    const ours = name.startsWith("tokenkeep") ? " ours" : ""
    const length = Math.max(2, (sizeOf(value) / most) * width)
    return [
      `<text class="${ours.trim()}" x="${left - 10}" y="${y + 15}" text-anchor="end">${escape(name)}</text>`,
      `<rect class="bar${ours}" x="${left}" y="${y + 2}" width="${length.toFixed(1)}" height="18" rx="2"/>`,
      `<text class="${ours.trim()}" x="${(left + length + 8).toFixed(1)}" y="${y + 15}">${escape(label(name, value))}</text>`
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + width + labels} ${height}" role="img" aria-label="${escape(`${title}. ${subtitle}`)}">`,
    `<style>${style}\n</style>`,
    `<rect class="back" width="100%" height="100%" rx="6"/>`,
    `<text class="title" x="16" y="28">${escape(title)}</text>`,
    `<text class="quiet" x="16" y="48">${escape(subtitle)}</text>`,
    ...body,
    "</svg>",
    ""
  ].join("\n")
}
