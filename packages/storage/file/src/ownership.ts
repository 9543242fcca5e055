import type { Stats } from "node:fs"
import process from "node:process"
import { isPermitted } from "./denoPermission.ts"

/** Undefined on Windows, which has no user ids, and without Deno's permission to read it. */
export const currentUser = (): number | undefined =>
  isPermitted({ name: "sys", kind: "uid" }) ? process.geteuid?.() : undefined

/** Windows has no permission bits; Node invents them there. */
export const hasModes = process.platform !== "win32"

export const isOwn = ({ uid }: Stats): boolean => [uid, undefined].includes(currentUser())

/** Whether this user wrote the file and no other user can access it. */
export const isPrivateFile = (file: Stats): boolean =>
  file.isFile() && isOwn(file) && !(hasModes && (file.mode & 0o077) !== 0)

/** Who may write to a directory except its owner, if anyone. */
export const otherWriters = ({ mode }: Stats): "the group" | "other users" | undefined => {
  if (!hasModes || (mode & 0o022) === 0) return undefined
  return (mode & 0o002) === 0 ? "the group" : "other users"
}
