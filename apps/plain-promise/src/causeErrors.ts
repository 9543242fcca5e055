import { type DeeplyClient, isTokenkeepError } from "tokenkeep"
import type { Fault, RunningFakeDeeply } from "tokenkeep/testing"
import { advice } from "./advice.ts"

const unauthorized = (message: string): Fault => ({
  on: "general",
  // Twice, because the client repeats a request once after a 401.
  times: 2,
  status: 401,
  body: { detail: { message } }
})

const faults: ReadonlyArray<Fault> = [
  unauthorized("Authentication token expired. Please reissue a new token to renew your session."),
  unauthorized("Invalid token."),
  { on: "general", dropAuthorization: true }
]

/** Makes the fake API respond with each of the three authorization errors. You can do the same in your own tests. */
export const causeErrors = async (deeply: DeeplyClient, server: RunningFakeDeeply): Promise<void> => {
  for (const fault of faults) {
    server.script([fault])
    try {
      await deeply.mics.list()
    } catch (error) {
      if (!isTokenkeepError(error)) throw error
      console.log(advice(error))
    }
  }
}
