import { isTokenkeepError, type TokenKeep } from "@tokenkeep/core"

/** How long a probe waits for a token: Kubernetes waits for a second by default. */
const maxWait = 3_000

/** Whether requests can be served, and why not. */
export interface Health {
  readonly ready: boolean
  readonly state: string
  readonly token?: { readonly id: string; readonly issuedAt: number; readonly expiresAt?: number }
  readonly error?: { readonly code: string; readonly message: string }
}

/** Ready if there is a usable token, or if one can be obtained. */
export const healthOf = async (client: Pick<TokenKeep, "peek" | "status" | "token">): Promise<Health> => {
  try {
    const { expiresAt, id, issuedAt } = client.peek() ?? (await client.token({ signal: AbortSignal.timeout(maxWait) }))
    const token = { id, issuedAt, ...(expiresAt !== undefined && { expiresAt }) }
    return { ready: true, state: client.status().state, token }
  } catch (error) {
    const shown = isTokenkeepError(error)
      ? { code: error.code, message: error.message }
      : { code: "ISSUER_UNAVAILABLE", message: `No token could be obtained within ${maxWait / 1_000} s.` }
    return { ready: false, state: client.status().state, error: shown }
  }
}
