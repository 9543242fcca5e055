import { checkOptions, invalidOption, oneOf, optional, type OptionCheck } from "../errors/optionChecks.ts"
import { isPlausible } from "../lifecycle/RenewalPolicy.ts"
import { attempt, fieldOf, isField, isObject, type JsonObject } from "./jsonFields.ts"

/**
 * How an API that responds with JSON turns a key into a token.
 *
 * @example
 * ```ts
 * import type { JsonTokenOptions } from "@tokenkeep/core"
 *
 * const options: JsonTokenOptions = {
 *   path: "/session",
 *   body: (key) => ({ apiKey: key }),
 *   tokenField: "data.token",
 *   lifetime: ({ validUntil }) => new Date(String(validUntil))
 * }
 * console.log(options.path) // => /session
 * ```
 */
export interface JsonTokenOptions {
  /** A path, resolved against the first of the provider's token origins, or a URL of one of them. */
  readonly path: string
  /** `"POST"` by default. */
  readonly method?: "POST" | "GET" | "PUT" | "PATCH" | undefined
  /**
   * The name of the header whose value is the key, or a function that returns the headers. By default
   * `authorization: Bearer KEY`; if `body` is a function, no header contains the key by default.
   */
  readonly header?: string | ((key: string) => Readonly<Record<string, string>>) | undefined
  /** What is sent as JSON: an object, or a function if the key is in it. Nothing by default. */
  readonly body?: JsonObject | ((key: string) => JsonObject) | undefined
  /** The field of the response with the token, such as `"data.token"`; `"access_token"` by default. */
  readonly tokenField?: string | undefined
  /**
   * How long a token lives: the field of the response with the seconds, a number of milliseconds that is the same for all
   * tokens, or a function of the response. The function returns milliseconds, the `Date` when the token expires, or
   * `undefined` if that is unknown.
   */
  readonly lifetime?: string | number | ((response: JsonObject) => number | Date | undefined) | undefined
  /** The statuses with which the API rejects a key; `[401, 403]` by default. */
  readonly rejectedStatuses?: ReadonlyArray<number> | undefined
}

const path: OptionCheck<string> = (option, value) => {
  if (typeof value === "string" && value.trim() !== "") return value
  throw invalidOption(option, "is not a path", "Pass the path of the token endpoint, such as /v1/token.")
}

/** The headers of a key. */
const headersBy =
  (option: string, recordOf: (key: string) => unknown) =>
  (key: string): Headers => {
    const headers = attempt(() => {
      const record = recordOf(key)
      const isRecord = isObject(record) && Object.values(record).every((value) => typeof value === "string")
      return isRecord ? new Headers(record as Record<string, string>) : undefined
    })
    if (headers !== undefined) return headers
    throw invalidOption(
      option,
      "threw an error or returned no headers",
      "Return an object with strings, not a promise."
    )
  }

const header: OptionCheck<((key: string) => Headers) | undefined> = optional((option, value) => {
  if (typeof value === "function") return headersBy(option, value)
  if (typeof value === "string" && /^[\w!#$%&'*+.^`|~-]+$/.test(value)) {
    return headersBy(option, (key) => ({ [value]: key }))
  }
  throw invalidOption(option, "is not the name of a header", "Pass a name such as x-api-key, or a function.")
})

/** The JSON of a key. */
const jsonBy =
  (option: string, objectOf: (key: string) => unknown) =>
  (key: string): string => {
    const text = attempt(() => {
      const object = objectOf(key)
      return isObject(object) ? JSON.stringify(object) : undefined
    })
    if (text !== undefined) return text
    throw invalidOption(
      option,
      "threw an error or is no object for JSON",
      "Pass an object, or a function that returns one and not a promise."
    )
  }

const body: OptionCheck<((key: string) => string) | undefined> = optional((option, value) => {
  if (typeof value === "function") return jsonBy(option, value)
  const text = jsonBy(option, () => value)("")
  return () => text
})

const tokenField: OptionCheck<string> = (option, value = "access_token") => {
  if (isField(value)) return value
  throw invalidOption(option, "is not the name of a field", "Pass a name such as token, or data.token.")
}

const lifetime: OptionCheck<((response: JsonObject) => unknown) | undefined> = optional((option, value) => {
  if (typeof value === "function") return value
  if (isPlausible(value)) return () => value
  if (isField(value)) {
    return (response) => {
      const seconds = fieldOf(response, value)
      return typeof seconds === "number" ? seconds * 1_000 : null
    }
  }
  throw invalidOption(
    option,
    "is not a token's lifetime",
    "Pass the name of a field with seconds, one second to ten years in milliseconds, or a function."
  )
})

/** A 429 limits the rate of requests; it rejects no key. */
const isRejection = (status: unknown): boolean =>
  typeof status === "number" && Number.isInteger(status) && status >= 400 && status < 500 && status !== 429

const rejectedStatuses: OptionCheck<ReadonlyArray<number>> = (option, value = [401, 403]) => {
  if (Array.isArray(value) && value.length > 0 && value.every(isRejection)) return [...value]
  throw invalidOption(option, "is not a list of statuses", "Pass statuses from 400 to 499 except 429, or omit it.")
}

const checks = {
  path,
  method: oneOf("POST", "GET", "PUT", "PATCH"),
  header,
  body,
  tokenField,
  lifetime,
  rejectedStatuses
}

/** {@link JsonTokenOptions}, checked, with functions of the key and of the response. */
export type JsonTokenSettings = ReturnType<typeof jsonTokenSettings>

/** Checks the options; throws `CONFIG_INVALID` with the name of the one that is wrong. */
export const jsonTokenSettings = (options: JsonTokenOptions) => {
  const settings = checkOptions(options, checks, "jsonToken")
  if (settings.method === "GET" && settings.body !== undefined) {
    throw invalidOption("jsonToken.body", "cannot be sent with GET", "Omit it, or use another method.")
  }
  const isKeyInBody = typeof options.body === "function"
  const byDefault = (key: string) => new Headers(isKeyInBody ? {} : { authorization: `Bearer ${key}` })
  return { ...settings, header: settings.header ?? byDefault }
}
