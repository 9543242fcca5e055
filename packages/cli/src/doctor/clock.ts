import { notChecked, ok, type Verdict, warning } from "./Finding.ts"

/** How far two clocks may differ, in milliseconds: what is shared from further ahead is ignored by other hosts. */
const tolerance = 5_000

/** Compares this machine's clock with the server's. */
export const checkClock = (ahead: number | undefined): Verdict => {
  if (ahead === undefined) return notChecked("the server sends no Date header")
  const seconds = Math.round(Math.abs(ahead) / 1_000)
  if (Math.abs(ahead) <= tolerance) return ok(`it differs from the server's by ${seconds} s or less`)
  return warning(
    "clock",
    `The clock of this machine is ${seconds} s ${ahead > 0 ? "behind" : "ahead of"} the server's.`,
    "Set it with NTP. If it is right, the server's clock is wrong."
  )
}
