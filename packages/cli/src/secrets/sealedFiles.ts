import { createHash, randomUUID } from "node:crypto"
import { chmodSync, existsSync, lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { UsageError } from "../output/UsageError.ts"
import { configFolder } from "../profiles/configFolder.ts"
import { fileProblem, readTextFile } from "../readTextFile.ts"
import { open, seal } from "./sealing.ts"
import { placeName, type SecretPlace } from "./SecretPlace.ts"

/** More than a sealed secret has, in bytes. */
const longest = 128 * 1024

/** Runs an operation on a file, and throws a usage error that names the file if the system refuses it. */
const onFile = <A>(file: string, verb: string, operation: () => A): A => {
  try {
    return operation()
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(
      `The sealed file ${file} cannot be ${verb}: ${fileProblem(error)}.`,
      "Fix that, or set XDG_CONFIG_HOME to another folder."
    )
  }
}

/** One file for each place. Its name says nothing about the profile. */
const fileOf = (place: SecretPlace): string => {
  const digest = createHash("sha256").update(placeName(place)).digest("hex")
  return join(configFolder(), "secrets", `${digest.slice(0, 32)}.sealed`)
}

/** The folder is this command's own: it belongs to this user, and no other user may look into it. */
const ensurePrivate = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  const user = process.geteuid?.()
  if (!found.isDirectory() || (user !== undefined && found.uid !== user)) {
    throw new UsageError(
      `The folder ${folder} is a link, or belongs to another user.`,
      "Remove it, or set XDG_CONFIG_HOME."
    )
  }
  if (user !== undefined && (found.mode & 0o077) !== 0) chmodSync(folder, 0o700)
}

/** A reader sees the old file or the new one. The new one is a file of its own, so it has the mode that is asked for. */
const save = (place: SecretPlace, encryptionKey: string, secret: string): void => {
  const file = fileOf(place)
  onFile(file, "written", () => {
    ensurePrivate(dirname(file))
    const draft = `${file}.${randomUUID()}`
    try {
      writeFileSync(draft, `${seal(encryptionKey, placeName(place), secret)}\n`, {
        mode: 0o600,
        flag: "wx",
        flush: true
      })
      renameSync(draft, file)
    } finally {
      rmSync(draft, { force: true })
    }
  })
}

/** Returns whether there was one. */
const remove = (place: SecretPlace): boolean => {
  const file = fileOf(place)
  const had = existsSync(file)
  onFile(file, "removed", () => rmSync(file, { force: true }))
  return had
}

/** Secrets in files that are encrypted with the encryption key. */
export const sealedFiles = {
  fileOf,
  has: (place: SecretPlace): boolean => existsSync(fileOf(place)),
  /** `undefined` if it cannot be opened with this key. Throws if it cannot be read. */
  load: (place: SecretPlace, encryptionKey: string): string | undefined =>
    open(encryptionKey, placeName(place), readTextFile(fileOf(place), longest)),
  save,
  remove
}
