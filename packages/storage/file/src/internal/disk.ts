import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { Stats } from "node:fs"
import * as fs from "node:fs/promises"

/** What the system refused. It names the call and the code, never a path. */
export class DiskFault extends Data.TaggedError("DiskFault")<{
  readonly code: string
  readonly detail: string
  readonly insecure?: boolean
}> {}

/** Node's codes, such as `ENOSPC`; where Deno does not permit a call there is only a name, `NotCapable`. */
const codeOf = (cause: unknown): string => {
  const { code, name } = cause as { readonly code?: unknown; readonly name?: unknown }
  return typeof code === "string" ? code : typeof name === "string" ? name : "unknown"
}

/** Deno says in a message, which may hold a path, what it was not permitted. */
const permit = (code: string): string =>
  code === "NotCapable" ? ": run deno with --allow-read and --allow-write for the directory" : ""

const attempt = <A>(call: string, run: () => Promise<A>): Effect.Effect<A, DiskFault> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) => {
      const code = codeOf(cause)
      return new DiskFault({ code, detail: `${code} (${call})${permit(code)}` })
    }
  })

/** Goes on with another value where the system answered with that code. */
export const onCode =
  <B, E2>(code: string, otherwise: () => Effect.Effect<B, E2>) =>
  <A>(self: Effect.Effect<A, DiskFault>): Effect.Effect<A | B, DiskFault | E2> =>
    Effect.catchIf(self, (fault) => fault.code === code, otherwise)

export const stat = (path: string): Effect.Effect<Stats, DiskFault> => attempt("stat", () => fs.stat(path))
export const lstat = (path: string): Effect.Effect<Stats, DiskFault> => attempt("lstat", () => fs.lstat(path))
export const readdir = (path: string): Effect.Effect<ReadonlyArray<string>, DiskFault> =>
  attempt("readdir", () => fs.readdir(path))
export const readText = (path: string): Effect.Effect<string, DiskFault> =>
  attempt("read", async () => (await fs.readFile(path)).toString())
export const link = (from: string, to: string): Effect.Effect<void, DiskFault> =>
  attempt("link", () => fs.link(from, to))
export const rename = (from: string, to: string): Effect.Effect<void, DiskFault> =>
  attempt("rename", () => fs.rename(from, to))
export const rmdir = (path: string): Effect.Effect<void, DiskFault> => attempt("rmdir", () => fs.rmdir(path))

/** Removes a file; one that is gone already is no fault. */
export const unlink = (path: string): Effect.Effect<void, DiskFault> =>
  attempt("unlink", () => fs.unlink(path)).pipe(onCode("ENOENT", () => Effect.void))

/** Removes what nobody counts on any more; where that fails, whoever comes next tries again. */
export const discard = (path: string): Effect.Effect<void> => Effect.ignore(unlink(path))

/** Makes a directory that is nobody else's, whatever the umask; one that is there already is no fault. */
export const mkdir = (path: string): Effect.Effect<void, DiskFault> =>
  attempt("mkdir", () => fs.mkdir(path, 0o700)).pipe(
    Effect.andThen(attempt("chmod", () => fs.chmod(path, 0o700))),
    onCode("EEXIST", () => Effect.void)
  )

const writeAll = async (file: fs.FileHandle, bytes: Uint8Array): Promise<void> => {
  // A disk that fills up takes a part of them, and that is no error yet.
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten
}

/** Writes a file that was not there before, for its owner alone; `sync` waits until the disk has it. */
export const create = (path: string, text: string, sync: boolean): Effect.Effect<void, DiskFault> =>
  Effect.acquireUseRelease(
    attempt("open", () => fs.open(path, "wx", 0o600)),
    (file) =>
      attempt("write", () => writeAll(file, Buffer.from(text))).pipe(
        Effect.andThen(attempt("chmod", () => fs.chmod(path, 0o600))),
        Effect.andThen(sync ? attempt("fsync", () => file.sync()) : Effect.void)
      ),
    (file) => Effect.ignore(attempt("close", () => file.close()))
  )
