import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { constants, type Stats } from "node:fs"
import * as fs from "node:fs/promises"
import { hasModes, isOwn } from "./ownership.ts"

/** A failed operation on the disk. `detail` names no path: `FileStorage` adds the directory. */
export class DiskError extends Data.TaggedError("DiskError")<{
  /**
   * Node's code, such as `ENOSPC`; the name of Deno's error, such as `NotCapable`; or one of this storage: `INSECURE`,
   * `DAMAGED`, `MISSING`, `NOLINKS`.
   */
  readonly code: string
  readonly detail: string
}> {}

const codeOf = (cause: unknown): string => {
  const { code, name } = cause as { readonly code?: unknown; readonly name?: unknown }
  return typeof code === "string" ? code : typeof name === "string" ? name : "unknown"
}

const advice: Readonly<Record<string, string>> = {
  EACCES: "check who may access it",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is not a directory",
  EPERM: "check who may access it",
  EROFS: "the file system is read-only",
  NotCapable: "run Deno with --allow-read and --allow-write for this directory"
}

const detailOf = (call: string, code: string): string => {
  const hint = advice[code]
  return hint === undefined ? `${call} failed with ${code}` : `${call} failed with ${code} (${hint})`
}

/** What an operator has to change. A full disk is not one of them: other programs may free space. */
const permanentCodes = new Set([
  "DAMAGED",
  "EFBIG",
  "EINVAL",
  "ELOOP",
  "ENAMETOOLONG",
  "ENOSYS",
  "ENOTDIR",
  "ENOTSUP",
  "EROFS",
  "MISSING",
  "NOLINKS",
  "NotCapable",
  // On Windows, a virus scanner that reads a file causes these for a moment.
  ...(hasModes ? ["EACCES", "EPERM"] : [])
])

/** Whether the same operation fails again until an operator acts. */
export const isPermanent = ({ code }: DiskError): boolean => permanentCodes.has(code)

const attempt = <A>(call: string, run: () => Promise<A>): Effect.Effect<A, DiskError> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) => {
      const code = codeOf(cause)
      return new DiskError({ code, detail: detailOf(call, code) })
    }
  })

/** Continues with another effect if the operation failed with one of these codes. */
export const onCode =
  <B, E2>(codes: string | ReadonlyArray<string>, otherwise: () => Effect.Effect<B, E2>) =>
  <A>(self: Effect.Effect<A, DiskError>): Effect.Effect<A | B, DiskError | E2> =>
    Effect.catchIf(self, ({ code }) => [codes].flat().includes(code), otherwise)

export const stat = (path: string): Effect.Effect<Stats, DiskError> => attempt("stat", () => fs.stat(path))
export const lstat = (path: string): Effect.Effect<Stats, DiskError> => attempt("lstat", () => fs.lstat(path))
export const readdir = (path: string): Effect.Effect<ReadonlyArray<string>, DiskError> =>
  attempt("readdir", () => fs.readdir(path))

/** Whether a file or a link has this path. */
export const exists = (path: string): Effect.Effect<boolean, DiskError> =>
  Effect.as(lstat(path), true).pipe(onCode("ENOENT", () => Effect.succeed(false)))

/** What `link` fails with on a file system without hard links. On Windows, a virus scanner causes EPERM too. */
const withoutLinks = new Set(["ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EXDEV", hasModes ? "EPERM" : "EISDIR"])

/** Gives a file a second path. Fails with `EEXIST` if a file has that path, and with `ENOENT` if there is no file. */
export const link = (from: string, to: string): Effect.Effect<void, DiskError> =>
  Effect.mapError(
    attempt("link", () => fs.link(from, to)),
    (error) =>
      withoutLinks.has(error.code)
        ? new DiskError({
            code: "NOLINKS",
            detail: `link failed with ${error.code} (the file system permits no hard links: use a directory on another one)`
          })
        : error
  )
export const rename = (from: string, to: string): Effect.Effect<void, DiskError> =>
  attempt("rename", () => fs.rename(from, to))
export const rmdir = (path: string): Effect.Effect<void, DiskError> => attempt("rmdir", () => fs.rmdir(path))

/** Removes a file, if it exists. */
export const unlink = (path: string): Effect.Effect<void, DiskError> =>
  attempt("unlink", () => fs.unlink(path)).pipe(onCode("ENOENT", () => Effect.void))

/** Removes a file that is not needed any more. A failure is ignored, because a later call removes it. */
export const discard = (path: string): Effect.Effect<void> => unlink(path).pipe(Effect.catch(() => Effect.void))

const withFile = <A>(
  open: () => Promise<fs.FileHandle>,
  use: (file: fs.FileHandle) => Effect.Effect<A, DiskError>
): Effect.Effect<A, DiskError> =>
  Effect.acquireUseRelease(attempt("open", open), use, (file) => Effect.exit(attempt("close", () => file.close())))

// A link is not followed, and a pipe is opened without waiting for its writer. Windows has neither flag.
const safely = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** What is known of a file that was not read: it is a link, a socket, or closed to this user. */
const unread = (path: string) => Effect.map(lstat(path), (found) => ({ found, text: undefined }))

/**
 * Reads a file if it passes the check. The check and the read use one handle, since another file may have the path by
 * now. Fails with `ENOENT` if there is no file.
 */
export const readIf = (path: string, check: (found: Stats) => boolean) =>
  withFile(
    () => fs.open(path, safely),
    (file) =>
      Effect.gen(function* () {
        const found = yield* attempt("stat", () => file.stat())
        const text = check(found) ? yield* attempt("read", () => file.readFile("utf8")) : undefined
        return { found, text }
      })
  ).pipe(onCode(["EACCES", "ELOOP", "ENXIO"], () => unread(path)))

/** Lets only this user access a directory of this user. Uses a handle, since the path may lead elsewhere by now. */
export const makePrivate = (path: string): Effect.Effect<void, DiskError> =>
  withFile(
    () => fs.open(path, safely | constants.O_DIRECTORY),
    (directory) =>
      Effect.flatMap(
        attempt("stat", () => directory.stat()),
        (found) => (isOwn(found) ? attempt("chmod", () => directory.chmod(0o700)) : Effect.void)
      )
  )

/** Waits until the disk has stored the names in a directory, where the system and the file system support that. */
export const syncDirectory = (path: string): Effect.Effect<void, DiskError> =>
  hasModes
    ? withFile(
        () => fs.open(path, constants.O_RDONLY | constants.O_DIRECTORY),
        (directory) =>
          attempt("fsync", () => directory.sync()).pipe(
            onCode(["EINVAL", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"], () => Effect.void)
          )
      )
    : Effect.void

/** Creates a directory that only this user can access, whatever the umask, unless it exists. */
export const mkdir = (path: string): Effect.Effect<void, DiskError> =>
  attempt("mkdir", () => fs.mkdir(path, 0o700)).pipe(
    Effect.andThen(hasModes ? makePrivate(path) : Effect.void),
    onCode("EEXIST", () => Effect.void)
  )

const writeAll = async (file: fs.FileHandle, bytes: Uint8Array): Promise<void> => {
  // If the disk is almost full, a write takes only a part of the bytes and does not fail yet.
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten
}

/** Creates a new file that only this user can access. With `sync`, waits until the disk has stored it. */
export const create = (path: string, text: string, sync: boolean): Effect.Effect<void, DiskError> =>
  withFile(
    () => fs.open(path, "wx", 0o600),
    (file) =>
      attempt("write", () => writeAll(file, Buffer.from(text))).pipe(
        Effect.andThen(attempt("chmod", () => file.chmod(0o600))),
        Effect.andThen(sync ? attempt("fsync", () => file.sync()) : Effect.void)
      )
  )
