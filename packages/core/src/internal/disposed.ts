import { AuthError } from "../AuthError.ts"

/** What every call after a dispose gets (RUN-2). */
export const disposedError = () =>
  AuthError.of({ _tag: "Disposed" }, { what: "The client was disposed.", fix: "Create a new one." })
