import { TokenkeepError } from "../errors/TokenkeepError.ts"

interface WithProcess {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> }
}

const missing = (what: string, fix: string) => TokenkeepError.of({ _tag: "ApiKeyMissing" }, { what, fix })

/**
 * Reads an environment variable in Node, Deno, Bun and workers; `undefined` if it is not set. Throws `CONFIG_INVALID` if
 * Deno does not permit it; the message names the flag.
 *
 * @example
 * ```ts
 * import { readEnvironment } from "@tokenkeep/core"
 *
 * console.log(readEnvironment("NO_SUCH_VARIABLE")) // => undefined
 * ```
 */
export const readEnvironment = (name: string): string | undefined => {
  try {
    return (globalThis as WithProcess).process?.env?.[name]
  } catch {
    throw TokenkeepError.of(
      { _tag: "ConfigInvalid", option: name },
      {
        what: `Deno does not permit this process to read the environment variable ${name}.`,
        fix: `Run deno with --allow-env=${name}.`
      }
    )
  }
}

/**
 * An API key source that reads an environment variable before every token request; it throws `API_KEY_MISSING` if the
 * variable is not set.
 *
 * @example
 * ```ts
 * import { apiKeyFromEnvironment, isTokenkeepError } from "@tokenkeep/core"
 *
 * try {
 *   apiKeyFromEnvironment("NO_SUCH_VARIABLE")()
 * } catch (error) {
 *   console.log(isTokenkeepError(error) && error.fix) // => Set NO_SUCH_VARIABLE, or pass apiKey.
 * }
 * ```
 */
export const apiKeyFromEnvironment = (name: string) => (): string => {
  let value: string | undefined
  try {
    value = readEnvironment(name)
  } catch {
    throw missing(
      `Deno does not permit this process to read the environment variable ${name}.`,
      `Run deno with --allow-env=${name}.`
    )
  }
  if (value === undefined) throw missing("There is no API key.", `Set ${name}, or pass apiKey.`)
  return value
}
