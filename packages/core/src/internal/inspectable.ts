/** The well-known symbols by which Node, Bun and Deno ask an object how to print itself. */
const inspectSymbols = [Symbol.for("nodejs.util.inspect.custom"), Symbol.for("Deno.customInspect")]

/** Makes every instance of a prototype print as `print(instance)` says, in each runtime's console. */
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
