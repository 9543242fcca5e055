import { isControlFlow } from "../errors/controlFlow.ts"

export type JsonObject = Readonly<Record<string, unknown>>

/** What `run` returns, or `undefined` if it throws: the error may quote a secret. */
export const attempt = <A>(run: () => A): A | undefined => {
  try {
    return run()
  } catch (error) {
    if (isControlFlow(error)) throw error
    return undefined
  }
}

/** By its class, so that a promise or a list does not count, and a value of another realm does. */
export const isA = (name: "Object" | "Date", value: unknown): boolean =>
  Object.prototype.toString.call(value) === `[object ${name}]`

export const isObject = (value: unknown): value is JsonObject => isA("Object", value)

/** Parses a JSON object; `undefined` for anything else. */
export const jsonObject = (text: string): JsonObject | undefined => {
  const value: unknown = attempt(() => JSON.parse(text))
  return isObject(value) ? value : undefined
}

/** Whether a value names a field: names with dots between them. With a space, it is a mistake, such as "10 minutes". */
export const isField = (value: unknown): value is string =>
  typeof value === "string" && /^[^\s.]+(?:\.[^\s.]+)*$/.test(value)

/** The value of a field; `undefined` if there is none. */
export const fieldOf = (object: JsonObject, field: string): unknown => {
  let value: unknown = object
  for (const name of field.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as JsonObject)[name]
  }
  return value
}
