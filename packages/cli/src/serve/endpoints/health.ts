import { tokenkeepErrorOf, type TokenKeep } from "@tokenkeep/core"
import { type Refusal, refusalOf } from "../checks/Refusal.ts"

/** How long a probe waits for a token: Kubernetes waits for a second by default. */
const maxWait = 3_000

/** Whether requests can be served, and why not. */
export interface Health {
  readonly ready: boolean
  readonly state: string
  readonly token?: { readonly id: string; readonly issuedAt: number; readonly expiresAt?: number }
  readonly refusal?: Refusal
}

const lateRefusal: Refusal = {
  status: 503,
  code: "ISSUER_UNAVAILABLE",
  message: `No token could be obtained within ${maxWait / 1_000} s.`,
  fix: "Check that the token endpoint is running, and that this machine reaches it."
}

/** Ready if there is a usable token, or if one can be obtained. */
export const healthOf = async (client: Pick<TokenKeep, "peek" | "status" | "token">): Promise<Health> => {
  try {
    const { expiresAt, id, issuedAt } = client.peek() ?? (await client.token({ signal: AbortSignal.timeout(maxWait) }))
    const token = { id, issuedAt, ...(expiresAt !== undefined && { expiresAt }) }
    return { ready: true, state: client.status().state, token }
  } catch (error) {
    const known = tokenkeepErrorOf(error)
    const refusal = known === undefined ? lateRefusal : { ...refusalOf(known), status: 503 }
    return { ready: false, state: client.status().state, refusal }
  }
}
