import { type CreateDeeplyOptions, createDeeply, type DeeplyClient } from "tokenkeep"
import { type RunningFakeDeeply, startFakeDeeply, type StartFakeDeeplyOptions } from "tokenkeep/testing"
import { onTestFinished } from "vitest"

/** A fake server that ends with the test; without rate limits, which are another theme. */
export const fakeServer = async (options: StartFakeDeeplyOptions = {}): Promise<RunningFakeDeeply> => {
  const server = await startFakeDeeply({ rateLimits: false, ...options })
  onTestFinished(() => server.close())
  return server
}

/** A client of a server, which ends with the test. */
export const clientOf = (server: RunningFakeDeeply, options: CreateDeeplyOptions = {}): DeeplyClient => {
  const client = createDeeply({ apiKey: server.apiKey, host: server.host, ...options })
  onTestFinished(() => client.dispose())
  return client
}

/** What a promise rejects with. */
export const rejectionOf = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error("it did not reject")
}
