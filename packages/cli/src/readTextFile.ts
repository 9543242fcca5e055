import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs"

/** Why a file cannot be read, in words that follow a colon. */
class UnreadableFile extends Error {}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist (ENOENT)",
  ENOTDIR: "its folder is a file, or is below one (ENOTDIR)",
  EISDIR: "it is a folder (EISDIR)",
  ERR_FS_EISDIR: "it is a folder (EISDIR)",
  EEXIST: "its folder is a file (EEXIST)",
  EACCES: "permission denied (EACCES)",
  EPERM: "operation not permitted (EPERM)",
  EROFS: "the file system is read-only (EROFS)",
  ENOSPC: "the disk is full (ENOSPC)"
}

/** Why a file cannot be used, in words that follow a colon. */
export const fileProblem = (error: unknown): string => {
  if (error instanceof UnreadableFile) return error.message
  const code = (error as NodeJS.ErrnoException).code ?? "unknown cause"
  return reasons[code] ?? code
}

/**
 * The text of a regular file, without a byte-order mark. Throws what {@link fileProblem} describes for anything else: a pipe
 * could make the command wait without an end, and a device has no end.
 *
 * @param longest The maximum length, in bytes.
 */
export const readTextFile = (file: string, longest: number): string => {
  // Without O_NONBLOCK, which Windows does not have, opening a pipe waits for its writer.
  const handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const found = fstatSync(handle)
    if (found.isDirectory()) throw new UnreadableFile("it is a folder")
    if (!found.isFile()) throw new UnreadableFile("it is not a regular file")
    if (found.size > longest) throw new UnreadableFile(`it is longer than ${longest} bytes`)
    return readFileSync(handle, "utf8").replace(/^\uFEFF/, "")
  } finally {
    closeSync(handle)
  }
}
