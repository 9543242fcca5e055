import { InvalidArgumentError } from "commander"

/** The value of an option that is a number of `least` or more. */
export const numberOption =
  (least: number, unit: string) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() !== "" && Number.isFinite(value) && value >= least) return value
    throw new InvalidArgumentError(`It must be a number of ${unit}, at least ${least}.`)
  }
