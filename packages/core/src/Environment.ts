import { AuthError } from "./AuthError.ts"

interface WithProcess {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> }
}

const missing = (what: string, fix: string) => AuthError.of({ _tag: "ApiKeyMissing" }, { what, fix })

/**
 * Reads one variable of the environment, in Node, Deno, Bun and workers; `undefined` where there is none.
 * Throws `CONFIG_INVALID`, whose fix names the flag, where Deno does not permit it.
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
    throw AuthError.of(
      { _tag: "ConfigInvalid", option: name },
      { what: `This process may not read ${name} from its environment.`, fix: `Run deno with --allow-env=${name}.` }
    )
  }
}

/**
 * An API key source that reads a variable each time it is asked; without a value it fails with `API_KEY_MISSING`, whose
 * fix names the variable.
 *
 * @example
 * ```ts
 * import { apiKeyFromEnvironment, isAuthError } from "@tokenkeep/core"
 *
 * try {
 *   apiKeyFromEnvironment("NO_SUCH_VARIABLE")()
 * } catch (error) {
 *   console.log(isAuthError(error) && error.fix) // => Set NO_SUCH_VARIABLE, or pass apiKey.
 * }
 * ```
 */
export const apiKeyFromEnvironment = (name: string) => (): string => {
  let value: string | undefined
  try {
    value = readEnvironment(name)
  } catch {
    throw missing(`This process may not read ${name} from its environment.`, `Run deno with --allow-env=${name}.`)
  }
  if (value === undefined) throw missing("There is no API key.", `Set ${name}, or pass apiKey.`)
  return value
}
