import { format, type Table, valueOf } from "./Table.ts"

/** What Tokenkeep wants to reach in a race. */
export interface Bar {
  readonly text: string
  /** Undefined if it was not measured. */
  readonly isReached: boolean | undefined
  readonly measured: string
}

const known = (values: ReadonlyArray<number | undefined>): ReadonlyArray<number> =>
  values.filter((value) => value !== undefined)

const isTokenkeep = (row: string): boolean => row.startsWith("tokenkeep")
const isRival = (row: string): boolean =>
  !isTokenkeep(row) && !/^bare |^an async|^the same|\(A\/A\)|fetch, first/.test(row)

const atMost = (text: string, value: number | undefined, limit: number | undefined): Bar => ({
  text,
  isReached: value === undefined || limit === undefined ? undefined : value <= limit,
  measured: [value, limit].map((each) => (each === undefined ? "–" : format(each))).join(" ≤ ")
})

const atLeast = (text: string, value: number | undefined, limit: number | undefined): Bar => ({
  ...atMost(text, limit, value),
  measured: [value, limit].map((each) => (each === undefined ? "–" : format(each))).join(" ≥ ")
})

/** The least of a column among the rivals in a table. */
const leastRival = (table: Table | undefined, column: string): number | undefined => {
  const values = known(
    Object.keys(table?.rows ?? {})
      .filter(isRival)
      .map((row) => valueOf(table, row, column))
  )
  return values.length === 0 ? undefined : Math.min(...values)
}

const tokenBars = (table: Table | undefined): ReadonlyArray<Bar> =>
  ["one caller, ns", "1,000 callers, ns each"].flatMap((column) => {
    const without = valueOf(table, "wrapper, no expiry", column)
    const others = Object.keys(table?.rows ?? {}).filter((row) => isRival(row) && row !== "wrapper, no expiry")
    const withExpiry = known(others.map((row) => valueOf(table, row, column)))
    return [
      atMost(
        `A cached token, ${column}: no rival is cheaper`,
        valueOf(table, "tokenkeep/oauth2", column),
        withExpiry.length === 0 ? undefined : Math.min(...withExpiry)
      ),
      atMost(`… without an expiry`, valueOf(table, "tokenkeep", column), without)
    ]
  })

const requestBars = (table: Table): ReadonlyArray<Bar> => {
  const speed = (row: string) => valueOf(table, row, "× bare fetch")
  const noise = speed("bare fetch (A/A)")
  const [overUndici, undici] = [speed("tokenkeep/undici"), speed("bare undici.request")]
  const many = table.title.includes("50 at")
  return [
    atLeast(
      `${table.title}: at most 0.05 below A/A`,
      speed("tokenkeep"),
      noise === undefined ? undefined : noise - 0.05
    ),
    ...(many && table.title.includes("GET")
      ? [
          atLeast(`… over undici: at least 2.2 of bare fetch`, overUndici, 2.2),
          atLeast(
            `… at least 0.75 of bare undici.request`,
            overUndici === undefined || undici === undefined ? undefined : overUndici / undici,
            0.75
          )
        ]
      : [])
  ]
}

const stampedeBars = (table: Table): ReadonlyArray<Bar> => {
  const row = table.title.includes("processes") ? ["tokenkeep/file", "tokenkeep/redis"] : ["tokenkeep"]
  return row.flatMap((name) =>
    ["token requests", "failed requests"].map((column) =>
      atMost(
        `${table.title}, ${name}: no rival has fewer ${column}`,
        valueOf(table, name, column),
        leastRival(table, column)
      )
    )
  )
}

/** Whether the bars were reached, by the medians of a run. */
export const barsOf = (tables: ReadonlyArray<Table>): ReadonlyArray<Bar> => {
  const titled = (start: string) => tables.filter(({ title }) => title.startsWith(start))
  const [revoked] = tables.filter(({ title }) => title.includes("revoked"))
  const [shared] = titled("Processes that share")
  const [rotated] = titled("Refresh tokens")
  const wrapper = valueOf(revoked, "wrapper", "ms")
  const ours = valueOf(revoked, "tokenkeep", "ms")
  return [
    ...tokenBars(titled("The cost")[0]),
    ...titled("An authorized").flatMap(requestBars),
    ...titled("Stampede").flatMap(stampedeBars),
    atMost(
      "200 requests on a revoked token: at most 1.2 × the time of the wrapper",
      ours && wrapper && ours / wrapper,
      1.2
    ),
    ...[8, 64].map((size) =>
      atMost(
        `${size} processes on Redis: at most 3 commands of a process that waits`,
        valueOf(shared, `${size} on redis`, "… of a process that waits"),
        3
      )
    ),
    atMost("8 processes on Redis adopt a token within 20 ms", valueOf(shared, "8 on redis", "adopted after, ms"), 20),
    atMost("8 processes on files adopt a token within 50 ms", valueOf(shared, "8 on file", "adopted after, ms"), 50),
    ...["grants lost", "failed requests"].map((column) =>
      atMost(
        `Refresh tokens of 8 processes: no rival has fewer ${column}`,
        valueOf(rotated, "tokenkeep", column),
        leastRival(rotated, column)
      )
    )
  ].filter(({ isReached }) => isReached !== undefined)
}

export const markdownOfBars = (bars: ReadonlyArray<Bar>): string =>
  ["| Bar | Measured | Reached |", "| --- | --- | --- |"]
    .concat(
      bars.map(
        ({ isReached, measured, text }) => `| ${text} | ${measured} | ${isReached === true ? "yes" : "**no**"} |`
      )
    )
    .join("\n")
