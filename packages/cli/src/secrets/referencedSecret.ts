import { TokenkeepError } from "@tokenkeep/core"
import type { SecretReference } from "../profiles/Config.ts"
import { fileProblem, readTextFile } from "../readTextFile.ts"

/** More than any secret or private key has, in bytes. */
const longest = 64 * 1024

const readSecretFile = (file: string): string => {
  try {
    return readTextFile(file, longest).trim()
  } catch (error) {
    throw TokenkeepError.of(
      { _tag: "ConfigInvalid", option: "file" },
      {
        what: `The secret file ${file} cannot be read: ${fileProblem(error)}.`,
        fix: "Name a file that this user can read."
      }
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
