import type { TokenEvent } from "./TokenEvent.ts"

interface Process {
  readonly emitWarning?: (warning: string, options: { readonly type: string; readonly code: string }) => void
}

let isShown = false

/**
 * Reports a storage that fails to users without `onTokenEvent`, once per process: they would not notice that their
 * processes share no token.
 */
export const storageWarning = (event: TokenEvent): void => {
  if (event.type !== "storage-degraded" || isShown) return
  isShown = true
  const warning =
    `The storage of Tokenkeep failed (${event.operation}: ${event.detail}), so the client continues without it. ` +
    "Fix the storage: the client then uses it again. To handle this in code, pass onTokenEvent. " +
    'To get an error instead, set storageFailure: "require".'
  const { process } = globalThis as { readonly process?: Process }
  if (process?.emitWarning === undefined) console.warn(warning)
  else process.emitWarning(warning, { type: "TokenkeepWarning", code: "STORAGE_DEGRADED" })
}
