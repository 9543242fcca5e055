import { TokenkeepError } from "./TokenkeepError.ts"

/** The error of every call after dispose. */
export const disposedError = () =>
  TokenkeepError.of({ _tag: "Disposed" }, { what: "The client was disposed.", fix: "Create a new one." })
