import type { GrantOptions, GrantResult } from "./runGrants.ts"

export type GrantRun = readonly [options: GrantOptions, result: GrantResult]

const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ") || "none"

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0)

/** A quantile of sorted numbers, for a part between 0 and 1. */
const at = (sorted: ReadonlyArray<number>, part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN

const quantiles = (sorted: ReadonlyArray<number>): string =>
  `median ${at(sorted, 0.5)} ms, 99 % ${at(sorted, 0.99)} ms, max ${at(sorted, 1)} ms`

/** Everything about one run. */
export const details = ([options, result]: GrantRun): string => {
  const { intervals, saves } = result
  const due = options.faults.length === 0 ? `, of which ${result.expiries} when an access token was due` : ""
  return [
    `faults           ${listed(result.faults)}`,
    ...(result.grace === 0 ? [] : [`grace period     ${result.grace} ms`]),
    `requests         ${result.requests}`,
    `failed requests  ${sum(result.failures)} (${listed(result.failures)})`,
    `rotations        ${result.rotations}${due}`,
    `sent twice       ${result.sentTwice}, one of them ${result.mostUses} times`,
    `grants lost      ${sum(result.losses)} (${listed(result.losses)}), ${result.lostOutside} outside the interval`,
    `interval         ${quantiles(intervals)}, from the first byte of a request until the successor is stored`,
    `                 ${quantiles(saves)} of it after the response arrived (${intervals.length} measured)`,
    "",
    ...result.broken.map((promise) => `BROKEN ${promise}`),
    `${options.on}, ${options.server} server, seed ${options.seed}: ${result.broken.length === 0 ? "all promises kept" : "FAILED"}`
  ].join("\n")
}

const row = (cells: ReadonlyArray<string | number>): string => `| ${cells.join(" | ")} |`

/** One line for each run, as a table in Markdown. */
export const table = (runs: ReadonlyArray<GrantRun>): string =>
  [
    row(["storage", "server", "faults", "rotations", "requests", "failed", "sent twice", "lost", "outside", "broken"]),
    row(Array.from({ length: 10 }, () => "---")),
    ...runs.map(([{ on, server }, result]) =>
      row([
        on,
        server,
        listed(result.faults),
        result.rotations,
        result.requests,
        listed(result.failures),
        result.sentTwice,
        listed(result.losses),
        result.lostOutside,
        result.broken.length
      ])
    )
  ].join("\n")
