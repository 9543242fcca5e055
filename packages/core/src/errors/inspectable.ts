/** The symbols of the methods that print an object in Node, Bun and Deno. */
const inspectSymbols = [Symbol.for("nodejs.util.inspect.custom"), Symbol.for("Deno.customInspect")]

/** Prints every instance of a prototype with `print`, in each runtime's console. */
export const inspectable = <A extends object>(prototype: A, print: (self: A) => string): void => {
  for (const symbol of inspectSymbols) {
    Object.defineProperty(prototype, symbol, {
      value: function (this: A) {
        return print(this)
      },
      configurable: true
    })
  }
}
