import { InvalidArgumentError } from "commander"

/** Which numbers an option accepts. */
export interface NumberRange {
  readonly least: number
  /** A timer of Node ends at once if it is longer than 24 days, so a time has a maximum too. */
  readonly most: number
  readonly unit: string
  /** Whether a fraction is refused; default `false`. */
  readonly isWhole?: boolean
}

/** Seconds of one day: the maximum of a time in seconds. */
export const day = 86_400

/** The value of an option that is a decimal number of a range. */
export const numberOption =
  ({ isWhole = false, least, most, unit }: NumberRange) =>
  (text: string): number => {
    const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : NaN
    if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value
    throw new InvalidArgumentError(`It must be a ${isWhole ? "whole " : ""}number of ${unit} from ${least} to ${most}.`)
  }
