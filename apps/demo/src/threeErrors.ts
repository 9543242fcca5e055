import type { DeeplyClient } from "@tokenkeep/deeply"
import type { Fault, RunningFakeDeeply } from "@tokenkeep/deeply/testing"
import * as Report from "./Report.ts"

const expired = "Authentication token expired. Please reissue a new token to renew your session."

const refusal = (message: string): Fault => ({
  on: "general",
  // The first answer and the one after the replay: else the caller would never see it.
  times: 2,
  status: 401,
  body: { detail: { message } }
})

const cases: ReadonlyArray<readonly [came: string, fault: Fault, expected: string]> = [
  ["401 Expired Token", refusal(expired), "TOKEN_EXPIRED"],
  ["401 Invalid Key", refusal("Invalid token."), "TOKEN_INVALID"],
  ["403 No Key", { on: "general", dropAuthorization: true }, "TOKEN_MISSING"]
]

/** The three authorization errors of the API, each told apart and explained. */
export const showErrors = async (deeply: DeeplyClient, server: RunningFakeDeeply): Promise<void> => {
  for (const [came, fault, expected] of cases) {
    server.script([fault])
    const response = await deeply.fetch("/api/v1/events")
    const error = await deeply.explain(response)
    await response.body?.cancel()
    if (error?.code === expected) Report.explained(came, error.code, error.fix)
    else Report.failed(`${came} should be ${expected}, and was ${error?.code}`)
  }
}
