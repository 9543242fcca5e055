import type { DeeplyClient } from "@tokenkeep/deeply"
import type { Fault, RunningFakeDeeply } from "@tokenkeep/deeply/testing"
import * as Report from "./report.ts"

const unauthorized = (message: string): Fault => ({
  on: "general",
  // Twice, because the client repeats a request once after a 401.
  times: 2,
  status: 401,
  body: { detail: { message } }
})

const expired = "Authentication token expired. Please reissue a new token to renew your session."

const cases: ReadonlyArray<readonly [response: string, fault: Fault, code: string]> = [
  ["401 Expired Token", unauthorized(expired), "TOKEN_EXPIRED"],
  ["401 Invalid Key", unauthorized("Invalid token."), "TOKEN_INVALID"],
  ["403 No Key", { on: "general", dropAuthorization: true }, "TOKEN_MISSING"]
]

/** Causes each of the API's three authorization errors and prints its code and fix. */
export const showAuthorizationErrors = async (deeply: DeeplyClient, server: RunningFakeDeeply): Promise<void> => {
  for (const [what, fault, code] of cases) {
    server.script([fault])
    const response = await deeply.fetch("/api/v1/events")
    const error = await deeply.explain(response)
    await response.body?.cancel()
    if (error?.code === code) Report.expectedError(what, error.code, error.fix)
    else Report.failed(`${what}: expected ${code}, got ${error?.code}`)
  }
}
