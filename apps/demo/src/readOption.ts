/** A wrong option of the command line: its message says what to pass. */
export class OptionError extends Error {
  override readonly name = "OptionError"
}

/** The whole number that was passed as `--name`, or `otherwise`. */
export const readNumber = <Otherwise>(
  name: string,
  given: string | undefined,
  otherwise: Otherwise,
  { from, to }: { readonly from: number; readonly to: number }
): number | Otherwise => {
  if (given === undefined) return otherwise
  const value = Number(given)
  if (given.trim() !== "" && Number.isInteger(value) && value >= from && value <= to) return value
  throw new OptionError(`--${name} is "${given}". Pass a whole number from ${from} to ${to}.`)
}
