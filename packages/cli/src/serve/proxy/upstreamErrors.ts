import { tokenkeepErrorOf } from "@tokenkeep/core"
import { type Refusal, refusalOf } from "../checks/Refusal.ts"

const timeouts = /TIMEOUT|ETIMEDOUT/

const codeOf = (error: unknown): string | undefined => {
  const { cause, code } = Object(error) as { readonly cause?: unknown; readonly code?: unknown }
  if (typeof code === "string") return code
  return cause === undefined ? undefined : codeOf(cause)
}

/** The refusal for what the client rejected with. Parser errors quote the response, so only the code is shown. */
export const upstreamRefusal = (error: unknown, origin: string): Refusal => {
  const known = tokenkeepErrorOf(error)
  if (known !== undefined) return refusalOf(known)
  const code = codeOf(error)
  const isTimeout = code !== undefined && timeouts.test(code)
  return {
    status: isTimeout ? 504 : 502,
    code: "TRANSPORT_FAILED",
    message: `${isTimeout ? "The API did not respond in time" : "The API could not be reached, or its response is malformed"}: ${origin}${code === undefined ? "" : ` (${code})`}.`,
    fix: isTimeout
      ? "Check the network and the API, or set a longer --timeout."
      : "Check that the API is running, and that this machine reaches it."
  }
}
