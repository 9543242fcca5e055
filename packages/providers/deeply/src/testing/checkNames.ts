/** The known name that shares most pairs of letters with a wrong one, if it shares a third of them. */
const nearest = (wrong: string, known: readonly string[]) => {
  const letters = wrong.toLowerCase()
  const pairs = Array.from(letters.slice(1), (_, at) => letters.slice(at, at + 2))
  const shared = (name: string) => pairs.filter((pair) => name.toLowerCase().includes(pair)).length
  const [first = ""] = known.toSorted((a, b) => shared(b) / b.length - shared(a) / a.length)
  return shared(first) * 3 >= (pairs.length || 1) ? first : undefined
}

/** @internal Throws a `TypeError` that names an option that does not exist: it would be ignored otherwise. */
export const checkNames = (what: string, options: unknown, known: readonly string[]): void => {
  const names = `pass ${known.map((name) => `\`${name}\``).join(", ")}`
  if (typeof options !== "object" || options === null) throw new TypeError(`${what} is not an object: ${names}`)
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const meant = nearest(name, known)
    throw new TypeError(
      `\`${name}\` of ${what} does not exist${meant === undefined ? "" : `, did you mean \`${meant}\`?`}: ${names}`
    )
  }
}
