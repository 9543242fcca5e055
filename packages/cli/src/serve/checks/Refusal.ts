import type { TokenkeepErrorFields } from "@tokenkeep/core"
import type { OutgoingHttpHeaders, ServerResponse } from "node:http"

/** Why the sidecar itself responds, and the API does not. Each code has a section in the docs of the sidecar. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly fix: string
  /** Epoch milliseconds. */
  readonly retryAt?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** The status for an error of the client. The API was not reached, except for the two that say what failed there. */
const statusOf = ({ code, retryable }: TokenkeepErrorFields): number => {
  if (code === "ORIGIN_NOT_ALLOWED" || code === "CREDENTIAL_MISUSED") return 400
  return retryable ? 503 : 502
}

/** The refusal for an error of the client. */
export const refusalOf = (error: TokenkeepErrorFields): Refusal => {
  const { code, fix, message, retryAt } = error
  const what = message.slice(0, message.length - fix.length).trimEnd()
  return { status: statusOf(error), code, message: what, fix, ...(retryAt !== undefined && { retryAt }) }
}

/**
 * Responds with the refusal as JSON, and with what else the caller should know. The header `tokenkeep-error` tells it from a
 * response of the API.
 */
export const refuse = (response: ServerResponse, refusal: Refusal, now: number, besides: object = {}): void => {
  const { code, fix, headers, message, retryAt, status } = refusal
  const body = JSON.stringify({ ...besides, error: { code, message, fix, ...(retryAt !== undefined && { retryAt }) } })
  const seconds = retryAt === undefined ? undefined : Math.max(1, Math.ceil((retryAt - now) / 1_000))
  const sent: OutgoingHttpHeaders = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "tokenkeep-error": code,
    ...(seconds !== undefined && { "retry-after": `${seconds}` }),
    ...headers
  }
  response.writeHead(status, sent).end(body)
}
