import { type DeeplyClient, isAuthError } from "tokenkeep"
import type { Fault, RunningFakeDeeply } from "tokenkeep/testing"
import { advice } from "./advice.ts"

const refusal = (message: string): Fault => ({
  on: "general",
  // A refused request is repeated once with a new token, so that a single refusal would be seen by nobody.
  times: 2,
  status: 401,
  body: { detail: { message } }
})

const faults: ReadonlyArray<Fault> = [
  refusal("Authentication token expired. Please reissue a new token to renew your session."),
  refusal("Invalid token."),
  { on: "general", dropAuthorization: true }
]

/** Has the fake server answer with each of the three authorization errors. */
export const showErrors = async (deeply: DeeplyClient, server: RunningFakeDeeply): Promise<void> => {
  for (const fault of faults) {
    server.script([fault])
    try {
      await deeply.mics.list()
    } catch (error) {
      if (!isAuthError(error)) throw error
      console.log(advice(error))
    }
  }
}
