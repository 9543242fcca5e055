import * as Effect from "effect/Effect"
import type { Stats } from "node:fs"
import process from "node:process"
import { isPermitted } from "./denoPermission.ts"
import { DiskError } from "./disk.ts"

/** Undefined on Windows, which has no user ids, and without Deno's permission to read it. */
const currentUser = (): number | undefined =>
  isPermitted({ name: "sys", kind: "uid" }) ? process.geteuid?.() : undefined

/** Windows has no permission bits; Node invents them there. */
const hasModes = process.platform !== "win32"

const isOwn = ({ uid }: Stats): boolean => [uid, undefined].includes(currentUser())

/** Whether this user wrote the file and no other user can access it. */
export const isPrivateFile = (file: Stats): boolean =>
  file.isFile() && isOwn(file) && !(hasModes && (file.mode & 0o077) !== 0)

const insecure = (detail: string) => new DiskError({ code: "INSECURE", detail, insecure: true })

/** Fails unless this is a directory of this user in which no other user may write. */
export const checkDirectory = (found: Stats): Effect.Effect<void, DiskError> => {
  if (!found.isDirectory())
    return Effect.fail(new DiskError({ code: "ENOTDIR", detail: "it, or a folder in it, is not a directory" }))
  if (!isOwn(found)) return Effect.fail(insecure("it, or a folder in it, belongs to another user"))
  if (hasModes && (found.mode & 0o022) !== 0)
    return Effect.fail(insecure("other users may write to it, or to a folder in it"))
  return Effect.void
}
