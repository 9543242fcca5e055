import { readFileSync } from "node:fs"
import type { SecretReference } from "../profiles/Config.ts"
import { storedSecret } from "./storedSecret.ts"

/** The value that a reference of the file points to, else that of a variable; an empty one is none. */
export const referencedSecret = (reference: SecretReference | undefined, variable?: string): string | undefined => {
  if (reference !== undefined && "file" in reference) return readFileSync(reference.file, "utf8").trim() || undefined
  const name = reference?.env ?? variable
  return (name === undefined ? undefined : process.env[name]) || undefined
}

/** Where a secret of a profile is looked for. */
export interface SecretPlaces {
  readonly reference?: SecretReference | undefined
  /** The variable that is read without a reference. */
  readonly variable?: string | undefined
  /** The profile under which `tokenkeep login` stored it; a reference or variable comes first. */
  readonly profile: string
}

/** Reads a secret before every token request, so that a rotated one is used without a restart. */
export const secretSource =
  ({ profile, reference, variable }: SecretPlaces) =>
  async (): Promise<string | undefined> =>
    referencedSecret(reference, variable) ?? (await storedSecret(profile))
