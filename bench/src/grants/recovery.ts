import { isTokenkeepError } from "@tokenkeep/core"
import { type GrantMemberOptions, grantClient } from "fleet"
import type { RefreshIssuer } from "oauth2-issuer"
import { setTimeout as sleep } from "node:timers/promises"

/** A grant that was found to be over. */
export interface Loss {
  readonly grant: string
  /** The code of the error. */
  readonly code: string
  /** Whether the server had revoked the consent; otherwise the verdict was false. */
  readonly isRevoked: boolean
  /** When it was found, and when the new consent was in place, in epoch milliseconds. */
  readonly at: number
  readonly replacedAt: number
}

const codeOf = (error: unknown): string => (isTokenkeepError(error) ? error.code : String(error))

const isOver = (code: string): boolean => code === "GRANT_LOST" || code === "GRANT_REJECTED"

/** The user of each grant, who consents again when it is over, through a client of another process. */
export const recovery = (
  issuer: RefreshIssuer,
  options: GrantMemberOptions,
  consents: Map<string, string>
): AsyncDisposable & { readonly losses: ReadonlyArray<Loss>; readonly check: (grant: string) => Promise<void> } => {
  const losses: Array<Loss> = []
  const clients = Object.fromEntries(
    Object.keys(options.grants).map((id) => [id, grantClient(options, id, { process: 0 })])
  )
  const underway = new Map<string, Promise<void>>()

  /** The error of a request; undefined if it succeeds. */
  const requestCode = async (grant: string): Promise<string | undefined> => {
    try {
      const response = await clients[grant]?.fetch("/orders")
      await response?.body?.cancel()
      return response?.ok === true ? undefined : `HTTP ${response?.status}`
    } catch (error) {
      return codeOf(error)
    }
  }

  const replace = async (grant: string): Promise<void> => {
    const { grantId, refreshToken } = await issuer.consent(grant)
    for (;;) {
      try {
        await clients[grant]?.replaceGrant(refreshToken)
        consents.set(grant, grantId)
        return
      } catch (error) {
        // The storage fails.
        if (codeOf(error) !== "STORAGE_FAILED") throw error
        await sleep(200)
      }
    }
  }

  /** Sends requests until one succeeds. */
  const recover = async (grant: string): Promise<void> => {
    for (;;) {
      const code = await requestCode(grant)
      if (code === undefined) return
      if (!isOver(code)) {
        await sleep(200)
        continue
      }
      const isRevoked = issuer.isRevoked(consents.get(grant) ?? "")
      const at = Date.now()
      await replace(grant)
      losses.push({ grant, code, isRevoked, at, replacedAt: Date.now() })
    }
  }

  return {
    losses,
    /** Checks that the grant works, and gives a new consent if it is over. */
    check: (grant) => {
      const work = underway.get(grant) ?? recover(grant).finally(() => underway.delete(grant))
      underway.set(grant, work)
      return work
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(Object.values(clients).map((client) => client.dispose()))
    }
  }
}
