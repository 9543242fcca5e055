/** @internal The longest delay a timer keeps: a longer one fires at once in every runtime. */
export const MAX_DELAY = 2 ** 31 - 1

/** @internal What a number must be. */
export interface NumberRule {
  /** What to give, for the message: `"milliseconds"`. */
  readonly unit: string
  readonly from: number
  readonly to: number
  /** Fractions are refused; `Infinity` is not, where `to` allows it. */
  readonly whole?: boolean
}

/** @internal Gives `value` back, or throws an error that says what is wrong with `name` and what to write instead. */
export const checkNumber = (name: string, value: unknown, rule: NumberRule): number => {
  const fix = `give ${rule.unit} from ${rule.from} to ${rule.to}`
  if (typeof value !== "number") throw new TypeError(`\`${name}\` is a ${typeof value}: ${fix}`)
  const fits = value >= rule.from && value <= rule.to
  const whole = rule.whole !== true || Number.isInteger(value) || value === Infinity
  if (!fits || !whole) throw new RangeError(`\`${name}\` is ${value}: ${fix}`)
  return value
}
