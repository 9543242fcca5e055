/** JSON errors quote the text around them, which might be a secret: only the position is repeated. */
const positionOf = (message: string): string => {
  const [position] = /\(line \d+ column \d+\)/.exec(message) ?? []
  if (position !== undefined) return ` ${position}`
  return /end of JSON/.test(message) ? ", because it ends too early" : ""
}

/**
 * Parses JSON. Throws a `SyntaxError` whose message does not quote the text, also for a field such as `__proto__`, which
 * would get lost when the object is copied.
 *
 * @param reviver As for `JSON.parse`.
 */
export const parseJson = (
  text: string,
  reviver: (name: string, value: unknown) => unknown = (_, value) => value
): unknown => {
  let reserved: string | undefined
  let value: unknown
  try {
    value = JSON.parse(text, (name, each: unknown) => {
      if (/^(?:__proto__|prototype|constructor)$/.test(name)) reserved ??= name
      return reviver(name, each)
    })
  } catch (error) {
    throw new SyntaxError(`it is not JSON${positionOf(String(error))}`)
  }
  if (reserved === undefined) return value
  throw new SyntaxError(`it has a field with the name ${reserved}, which is reserved`)
}
