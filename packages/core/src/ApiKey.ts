import * as Redacted from "effect/Redacted"
import { AuthError } from "./AuthError.ts"
import { inspectable } from "./internal/inspectable.ts"
import { secretDefect } from "./internal/secretText.ts"

// What documentation and templates put where a key belongs. Whole words only: a real key must never match.
const placeholder =
  /^(?:(?:your|insert|replace|enter|paste)(?:[-_.][a-z]+)*[-_.](?:key|token|secret|here|me)|[a-z]+_api_key|api[-_]?key|change[-_]?me|undefined|null|x{4,}|\*+|\.{3,}|<.*>|\$\{?\w+\}?|\{\{.*\}\})$/i

const defectOf = (text: string): string | undefined => {
  if (/^bearer\s/i.test(text)) return 'starts with "Bearer"'
  if (/^(["'`]).*\1$/s.test(text)) return "is wrapped in quotes"
  return secretDefect(text) ?? (placeholder.test(text) ? "is a placeholder from an example" : undefined)
}

const malformed = (name: string, defect: string) =>
  AuthError.of(
    { _tag: "ApiKeyMalformed" },
    { what: `The API key (${name}) ${defect}.`, fix: "Pass the key alone, exactly as the provider shows it." }
  )

/**
 * The long-lived credential: checked when it is made, never printed, and taken by nothing but
 * {@link Provider.issueRequest} (KEY-1, SEC-1, SEC-2).
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

  /** What the key is called in messages and prints. */
  readonly name: string

  private constructor(value: string, name: string) {
    this.#value = value
    this.name = name
  }

  /**
   * Checks a text and wraps it; one trailing line break, as a key file has, is trimmed.
   * Throws {@link AuthError} with `API_KEY_MALFORMED`; the message does not echo the text.
   *
   * @param options.name What to call the key in messages and prints; `"api-key"` by default.
   *
   * @example
   * ```ts
   * import { ApiKey, isAuthError } from "@tokenkeep/core"
   *
   * try {
   *   ApiKey.make("Bearer sk-live-2f6c1d")
   * } catch (error) {
   *   console.log(isAuthError(error) && error.code) // => API_KEY_MALFORMED
   * }
   * ```
   */
  static make(value: string | Redacted.Redacted, options: { readonly name?: string } = {}): ApiKey {
    const name = options.name ?? "api-key"
    const text: unknown = Redacted.isRedacted(value) ? unredact(value) : value
    if (typeof text !== "string") throw malformed(name, "is not a string")
    const trimmed = text.replace(/\r?\n$/, "")
    const defect = defectOf(trimmed)
    if (defect !== undefined) throw malformed(name, defect)
    return new ApiKey(trimmed, name)
  }

  /** The key itself: only for the `Authorization` header of the issue request. */
  reveal(): string {
    return this.#value
  }

  /** Whether two keys are the same one. */
  equals(other: ApiKey): boolean {
    return this.#value === other.#value
  }

  /** Whether a text, such as a header's value, a URL or a form, carries this key: as it is or percent-encoded. */
  isIn(text: string): boolean {
    return this.#stands(text) || (text.includes("%") && this.#stands(decoded(text)))
  }

  #stands(text: string): boolean {
    if (!text.includes(this.#value)) return false
    // A short key may stand in a text by chance: it counts only as a whole word.
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

/** Undoes percent-encoding, but for what is none. */
const decoded = (text: string): string =>
  text.replaceAll(/%[0-7][0-9a-f]/gi, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)))

/** A `Redacted` made by a second copy of effect cannot be opened by this one. */
const unredact = (value: Redacted.Redacted<unknown>): unknown => {
  try {
    return Redacted.value(value)
  } catch {
    throw AuthError.of(
      { _tag: "ConfigInvalid", option: "apiKey" },
      {
        what: "The redacted API key was made by another copy of effect than the one Tokenkeep uses.",
        fix: "Keep one copy of effect in the dependency tree."
      }
    )
  }
}
