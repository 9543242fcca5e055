type Methods = Record<string | symbol, (this: unknown, ...args: ReadonlyArray<unknown>) => unknown>

/** What compares a text with others, or goes through a collection. */
const counted: ReadonlyArray<readonly [prototype: object, names: ReadonlyArray<string | symbol>]> = [
  [String.prototype, ["includes", "indexOf", "startsWith", "endsWith", "split", "match", "matchAll", "replaceAll"]],
  [RegExp.prototype, ["test", "exec"]],
  [Map.prototype, ["get", "has", "forEach"]],
  [Set.prototype, ["has", "forEach"]],
  [Object.getPrototypeOf(new Map().keys()) as object, ["next"]],
  [Object.getPrototypeOf(new Set().keys()) as object, ["next"]],
  [Object.getPrototypeOf([].keys()) as object, ["next"]]
]

/** How many comparisons and steps through collections something takes until its promise is resolved. */
export const countedWork = async (work: () => Promise<unknown>): Promise<number> => {
  let count = 0
  const originals = counted.flatMap(([prototype, names]) =>
    names.map((name) => {
      const methods = prototype as Methods
      const original = methods[name] as Methods[string]
      methods[name] = function (...args) {
        count += 1
        return Reflect.apply(original, this, args)
      }
      return () => void (methods[name] = original)
    })
  )
  try {
    await work()
  } finally {
    for (const restore of originals) restore()
  }
  return count
}
