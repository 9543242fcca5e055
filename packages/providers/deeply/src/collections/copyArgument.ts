const copyValue = (value: unknown): unknown => {
  if (Array.isArray(value)) return [...value]
  return value instanceof Date ? new Date(value) : value
}

/**
 * Copies a query or an options object, with its arrays and dates, so that the caller may change it while a call is
 * pending. An instance of a class is returned as it is: a copy would lose what it inherits, such as its getters. So is a
 * value that is not an object, for the check that rejects it.
 */
export const copyArgument = <A>(argument: A): A =>
  typeof argument === "object" && argument !== null && Object.getPrototypeOf(argument) === Object.prototype
    ? (Object.fromEntries(Object.entries(argument).map(([name, value]) => [name, copyValue(value)])) as A)
    : argument
