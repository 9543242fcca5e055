import type { ChaosOptions, ChaosResult } from "./runChaos.ts"

export type Run = readonly [options: ChaosOptions, result: ChaosResult]

const countsOf = (names: ReadonlyArray<string>): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ") || "none"

const row = (cells: ReadonlyArray<string | number>): string => cells.map((cell) => String(cell).padStart(10)).join("")

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

/** Everything about one run. */
export const details = ([options, result]: Run): string => {
  const { events, failures, faults, processes, requests, tokenRequests, unauthorized } = result
  const causes = failures.map(({ causes: below, code, message }) => [`${code}: ${message}`, ...below].join(" <- "))
  const [first] = failures
  return [
    `faults           ${listed(faults)}`,
    `events           ${listed(events)}`,
    `requests         ${requests}, of which the provider refused ${unauthorized} with a 401`,
    `token requests   ${tokenRequests}, at most ${result.tokenRequestsAtMost} expected`,
    `failed requests  ${failures.length} (${listed(countsOf(failures.map(({ code }) => code)))})`,
    ...(first === undefined ? [] : [`the first one    ${new Date(first.at).toISOString()}, process ${first.process}`]),
    ...Object.entries(countsOf(causes)).map(([cause, count]) => `${String(count).padStart(9)}  ${cause}`),
    "",
    row(["process", "requests", "failed", "freezes", "max wait"]),
    ...processes.map(({ freezes, id, longestWaitMillis, requests: sent }) => {
      const failed = failures.filter(({ process }) => process === id).length
      return row([id, sent, failed, freezes, `${longestWaitMillis} ms`])
    }),
    "",
    ...result.broken.map((promise) => `BROKEN ${promise}`),
    `${options.on}, ${options.provider} provider, seed ${options.seed}: ${result.broken.length === 0 ? "all promises kept" : "FAILED"}`
  ].join("\n")
}

/** One line for each run, and one for their sum. */
export const summary = (runs: ReadonlyArray<Run>): string => {
  const numbersOf = ({ broken, failures, faults, requests, tokenRequests }: ChaosResult) => [
    sum(Object.values(faults)),
    faults["freeze"] ?? 0,
    requests,
    tokenRequests,
    failures.length,
    broken.length
  ]
  const numbers = runs.map(([, result]) => numbersOf(result))
  const totals = numbers[0]?.map((_, column) => sum(numbers.map((each) => each[column] ?? 0))) ?? []
  const waits = runs.map(([, { processes }]) =>
    Math.max(...processes.map(({ longestWaitMillis }) => longestWaitMillis))
  )
  return [
    row(["storage", "provider", "seed", "faults", "freezes", "requests", "tokens", "failed", "broken", "max wait"]),
    ...runs.map(([{ on, provider, seed }], index) =>
      row([on, provider, seed, ...(numbers[index] ?? []), `${waits[index]} ms`])
    ),
    row(["total", "", "", ...totals, `${Math.max(...waits)} ms`])
  ].join("\n")
}
