import { InvalidArgumentError } from "commander"

/** The value of an option that is a number above `least`. */
export const numberOption =
  (least: number, unit: string) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() !== "" && Number.isFinite(value) && value >= least) return value
    throw new InvalidArgumentError(`It is not a number of ${unit} of at least ${least}.`)
  }
