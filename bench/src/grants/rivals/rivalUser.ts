import type { RefreshIssuer } from "oauth2-issuer"
import { digestOf } from "oauth2-issuer"
import type { GrantUser, Surroundings } from "../load.ts"
import { consented, sharedTokens } from "./SharedTokens.ts"

/** How often it is checked whether the grants work, in milliseconds. */
const interval = 200

/** The consents that refresh tokens belong to, by the digests of the tokens. */
const consentsOf = (uses: RefreshIssuer["uses"], first: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
  const found = new Map(first)
  for (const { successor, token } of uses) {
    const consent = found.get(token)
    if (successor !== undefined && consent !== undefined) found.set(successor, consent)
  }
  return found
}

/** The user of each grant of a rival, who consents again when the stored refresh token belongs to a consent that is over. */
export const rivalUser = async ({
  client,
  consents,
  issuer
}: Surroundings): Promise<GrantUser & { readonly lost: () => number }> => {
  const tokens = sharedTokens(client.storageUrl)
  const first = new Map<string, string>()
  let lost = 0

  const consent = async (grant: string, grantId: string, refreshToken: string): Promise<void> => {
    consents.set(grant, grantId)
    first.set(digestOf(refreshToken), grantId)
    await tokens.save(grant, consented(refreshToken))
  }
  for (const [grant, refreshToken] of Object.entries(client.grants)) {
    await consent(grant, consents.get(grant) ?? "", refreshToken)
  }

  const replaceIfOver = async (grant: string): Promise<void> => {
    const { refresh_token } = await tokens.load(grant)
    const current = consentsOf(issuer.uses, first).get(digestOf(refresh_token))
    if (current !== undefined && !issuer.isRevoked(current)) return
    lost += 1
    const { grantId, refreshToken } = await issuer.consent(grant)
    await consent(grant, grantId, refreshToken)
  }
  const underway = new Map<string, Promise<void>>()
  const check = (grant: string): Promise<void> => {
    const work = underway.get(grant) ?? replaceIfOver(grant).finally(() => underway.delete(grant))
    underway.set(grant, work)
    return work
  }
  const checkAll = () => Promise.all(Object.keys(client.grants).map(check))
  const timer = setInterval(() => void checkAll(), interval)
  return {
    check,
    /** How many grants were over so far. */
    lost: () => lost,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer)
      await checkAll()
      tokens.close()
    }
  }
}
