const units = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60]
] as const

/** A duration for people, in one unit, rounded down: `3 d`, `2 h`, `15 min`, `40 s`. */
export const duration = (millis: number): string => {
  const seconds = Math.floor(Math.max(0, millis) / 1_000)
  const [unit, size] = units.find(([, length]) => seconds >= 2 * length) ?? ["s", 1]
  return `${Math.floor(seconds / size)} ${unit}`
}
