import { format, inspect } from "node:util"

/** The output of every common way to print a value, as one string (SEC-1). */
export const printed = (value: unknown): string => {
  const holder = { nested: [value], map: new Map([["value", value]]) }
  return [
    String(value),
    `in a template: ${value as string}`,
    JSON.stringify(value),
    JSON.stringify(holder),
    format("%s %o %O %j", value, value, value, value),
    inspect(value),
    inspect(holder, { depth: Infinity }),
    inspect(value, { showHidden: true, depth: Infinity, getters: true }),
    inspect(value, { customInspect: false, showHidden: true, depth: Infinity, getters: true }),
    inspect(structuredClone(value), { showHidden: true, depth: Infinity }),
    inspect(Object.assign({}, value)),
    Object.entries(Object.getOwnPropertyDescriptors(value)).map(String).join()
  ].join("\n")
}
