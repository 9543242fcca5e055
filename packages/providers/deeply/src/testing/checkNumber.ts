/** @internal The longest delay of a timer, in milliseconds: every runtime fires a longer one at once. */
export const MAX_DELAY = 2 ** 31 - 1

/** @internal The values that a number may have. */
export interface NumberRule {
  /** The unit, for the message: `"milliseconds"`. */
  readonly unit: string
  readonly from: number
  readonly to: number
  /** Whether the number must be whole; `Infinity` counts as whole if `to` allows it. */
  readonly whole?: boolean
}

/** @internal Returns `value`; throws an error that names the option and the allowed values if it does not fit. */
export const checkNumber = (name: string, value: unknown, rule: NumberRule): number => {
  const fix = `pass ${rule.unit} from ${rule.from} to ${rule.to}`
  if (typeof value !== "number") throw new TypeError(`\`${name}\` is a ${typeof value}: ${fix}`)
  const fits = value >= rule.from && value <= rule.to
  const whole = rule.whole !== true || Number.isInteger(value) || value === Infinity
  if (!fits || !whole) throw new RangeError(`\`${name}\` is ${value}: ${fix}`)
  return value
}
