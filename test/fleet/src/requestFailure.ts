import { isTokenkeepError } from "@tokenkeep/core"
import { inspect } from "node:util"
import type { Failure } from "./Protocol.ts"

const causesOf = (error: unknown): ReadonlyArray<string> => {
  const cause = typeof error === "object" && error !== null && "cause" in error ? error.cause : undefined
  if (cause === undefined) return []
  return [cause instanceof Error ? cause.toString() : inspect(cause, { breakLength: Infinity }), ...causesOf(cause)]
}

/** Sends one request and reads its body. Returns why it failed, or undefined if the status was 2xx. */
export const requestFailure = async (
  client: { readonly fetch: typeof globalThis.fetch },
  path: string
): Promise<Pick<Failure, "code" | "message" | "causes"> | undefined> => {
  try {
    const response = await client.fetch(path)
    const body = await response.text()
    return response.ok ? undefined : { code: `HTTP ${response.status}`, message: body.slice(0, 200), causes: [] }
  } catch (error) {
    const { message, name } = error instanceof Error ? error : new Error(String(error))
    return { code: isTokenkeepError(error) ? error.code : name, message, causes: causesOf(error) }
  }
}
