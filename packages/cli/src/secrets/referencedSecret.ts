import { TokenkeepError } from "@tokenkeep/core"
import { readFileSync } from "node:fs"
import type { SecretReference } from "../profiles/Config.ts"

const readSecretFile = (file: string): string => {
  try {
    return readFileSync(file, "utf8").trim()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown cause"
    throw TokenkeepError.of(
      { _tag: "ConfigInvalid", option: "file" },
      { what: `The secret file ${file} cannot be read: ${code}.`, fix: "Name a file that you may read." }
    )
  }
}

/**
 * The value that a reference of the configuration points to, else that of a variable; an empty one is none. Throws
 * `CONFIG_INVALID` if a file cannot be read.
 */
export const referencedSecret = (reference: SecretReference | undefined, variable?: string): string | undefined => {
  if (reference !== undefined && "file" in reference) return readSecretFile(reference.file) || undefined
  const name = reference?.env ?? variable
  return (name === undefined ? undefined : process.env[name]) || undefined
}

/** Says where {@link referencedSecret} finds a secret; `undefined` if it finds none. */
export const referenceOrigin = (reference: SecretReference | undefined, variable?: string): string | undefined => {
  if (referencedSecret(reference, variable) === undefined) return undefined
  return reference !== undefined && "file" in reference
    ? `file ${reference.file}`
    : `variable ${reference?.env ?? variable}`
}
