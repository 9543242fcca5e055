import * as Redacted from "effect/Redacted"
import { invalidOption } from "../errors/optionChecks.ts"
import { TokenkeepError } from "../errors/TokenkeepError.ts"
import { inspectable } from "../errors/inspectable.ts"
import { percentDecoded, shortest } from "./containsPart.ts"
import { secretDefect } from "./secretDefect.ts"

// Placeholders of documentation and templates. Whole words only: a real key must never match.
const placeholder =
  /^(?:(?:your|insert|replace|enter|paste)(?:[-_.][a-z]+)*[-_.](?:key|token|secret|here|me)|[a-z]+_api_key|api[-_]?key|change[-_]?me|undefined|null|x{4,}|\*+|\.{3,}|<.*>|\$\{?\w+\}?|\{\{.*\}\})$/i

const defectOf = (text: string): string | undefined => {
  if (/^bearer\s/i.test(text)) return 'starts with "Bearer"'
  if (/^(["'`]).*\1$/s.test(text)) return "is wrapped in quotes"
  return secretDefect(text) ?? (placeholder.test(text) ? "is a placeholder from an example" : undefined)
}

const malformed = (noun: string, name: string, defect: string) =>
  TokenkeepError.of(
    { _tag: "ApiKeyMalformed" },
    { what: `The ${noun} (${name}) ${defect}.`, fix: `Pass only the ${noun}, exactly as the provider shows it.` }
  )

/**
 * The long-lived credential: checked when it is made, never printed, and sent by the provider's token request only.
 *
 * @example
 * ```ts
 * import { ApiKey } from "@tokenkeep/core"
 *
 * const key = ApiKey.make("sk-live-2f6c1d", { name: "main" })
 * console.log(String(key)) // => <redacted:main>
 * ```
 */
export class ApiKey {
  readonly #value: string

  /** The key's name in messages and prints. */
  readonly name: string

  private constructor(value: string, name: string) {
    this.#value = value
    this.name = name
  }

  /**
   * Checks a key and wraps it; one trailing line break, as a key file has, is removed. Throws `API_KEY_MALFORMED`; the
   * message does not quote the key.
   *
   * @param options.name The key's name in messages and prints; `"api-key"` by default.
   * @param options.noun What messages call the key; `"API key"` by default.
   *
   * @example
   * ```ts
   * import { ApiKey, isTokenkeepError } from "@tokenkeep/core"
   *
   * try {
   *   ApiKey.make("Bearer sk-live-2f6c1d")
   * } catch (error) {
   *   console.log(isTokenkeepError(error) && error.code) // => API_KEY_MALFORMED
   * }
   * ```
   */
  static make(
    value: string | Redacted.Redacted,
    options: { readonly name?: string | undefined; readonly noun?: string | undefined } = {}
  ): ApiKey {
    const { name = "api-key", noun = "API key" } = options
    const text: unknown = Redacted.isRedacted(value) ? unredact(value) : value
    if (typeof text !== "string") throw malformed(noun, name, "is not a string")
    const trimmed = text.replace(/\r?\n$/, "")
    const defect = defectOf(trimmed)
    if (defect !== undefined) throw malformed(noun, name, defect)
    return new ApiKey(trimmed, name)
  }

  /** The key itself, for the token request only. */
  reveal(): string {
    return this.#value
  }

  /** Whether two keys have the same value. */
  equals(other: ApiKey): boolean {
    return this.#value === other.#value
  }

  /**
   * Whether a string, such as a URL or a header's value, contains this key, as it is or percent-encoded. A key of fewer
   * than 16 characters counts only as a whole word, and one of fewer than 8 not at all: a path may have it by chance.
   */
  isIn(text: string): boolean {
    return this.#isContained(text) || (text.includes("%") && this.#isContained(percentDecoded(text)))
  }

  #isContained(text: string): boolean {
    if (this.#value.length < shortest || !text.includes(this.#value)) return false
    return this.#value.length >= 16 || text.split(/[\s=&?#/,;:"']+/).includes(this.#value)
  }

  toString(): string {
    return `<redacted:${this.name}>`
  }

  toJSON(): string {
    return this.toString()
  }
}

inspectable(ApiKey.prototype, String)

/** A `Redacted` of a second copy of effect cannot be read by this one. */
const unredact = (value: Redacted.Redacted<unknown>): unknown => {
  try {
    return Redacted.value(value)
  } catch {
    throw invalidOption(
      "apiKey",
      "is a Redacted of another copy of effect than the one Tokenkeep uses",
      "Keep one copy of effect in the dependency tree."
    )
  }
}
