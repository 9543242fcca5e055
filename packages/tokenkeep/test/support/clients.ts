import { type CreateDeeplyOptions, createDeeply, type DeeplyClient } from "tokenkeep"
import { type RunningFakeDeeply, startFakeDeeply, type StartFakeDeeplyOptions } from "tokenkeep/testing"
import { onTestFinished } from "vitest"

/** A fake server without rate limits. It stops when the test ends. */
export const fakeServer = async (options: StartFakeDeeplyOptions = {}): Promise<RunningFakeDeeply> => {
  const server = await startFakeDeeply({ rateLimits: false, ...options })
  onTestFinished(() => server.close())
  return server
}

/** A client of a fake server. It is disposed when the test ends. */
export const clientOf = (server: RunningFakeDeeply, options: CreateDeeplyOptions = {}): DeeplyClient => {
  const client = createDeeply({ apiKey: server.apiKey, host: server.host, ...options })
  onTestFinished(() => client.dispose())
  return client
}

/** The error that a promise rejects with. */
export const rejectionOf = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error("The promise did not reject.")
}

/** The error that a function throws. */
export const thrownBy = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error("The function did not throw.")
}
