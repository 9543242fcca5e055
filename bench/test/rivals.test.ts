import { type GrantMemberOptions, startStorage } from "fleet"
import { secret, startRefreshIssuer } from "oauth2-issuer"
import { findRedis } from "redis-servers"
import { describe, expect, it } from "vitest"
import type { LoadOptions } from "../src/grants/load.ts"
import { type RivalName, rivals } from "../src/grants/rivals/rivals.ts"
import { rivalUser } from "../src/grants/rivals/rivalUser.ts"
import { runRival } from "../src/grants/rivals/runRival.ts"
import { sharedTokens } from "../src/grants/rivals/SharedTokens.ts"

const names = findRedis() === undefined ? [] : (Object.keys(rivals) as ReadonlyArray<RivalName>)

const load: LoadOptions = {
  on: "redis",
  seed: 1,
  seconds: 3,
  processes: 2,
  grants: 2,
  faults: [],
  freezeMillis: [100, 200],
  every: 1_000
}

/** A grant of a rival that no process uses, with its user. */
const startUser = async () => {
  const storage = await startStorage("redis")
  const issuer = await startRefreshIssuer()
  const { grantId, refreshToken } = await issuer.consent()
  const client: GrantMemberOptions = {
    storageUrl: storage.url,
    issuer: issuer.issuer,
    api: issuer.api,
    clientSecret: secret,
    encryptionKey: "",
    grants: { acme: refreshToken },
    journal: "",
    callers: 1,
    deadline: 1_000
  }
  const consents = new Map([["acme", grantId]])
  const user = await rivalUser({ issuer, client, consents })
  const tokens = sharedTokens(storage.url)
  return {
    user,
    tokens,
    consents,
    /** Sends a refresh token of the grant to the server. */
    exchange: async (token = refreshToken) => {
      const response = await fetch(`${issuer.issuer}/token`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa(`app:${secret}`)}` },
        body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: token })
      })
      return (await response.json()) as { readonly access_token: string; readonly refresh_token: string }
    },
    [Symbol.asyncDispose]: async () => {
      tokens.close()
      await user[Symbol.asyncDispose]()
      await issuer[Symbol.asyncDispose]()
      await storage[Symbol.asyncDispose]()
    }
  }
}

it.concurrent.each(names)(
  "%s shares refresh tokens under load: its processes renew, and none crashes",
  async (name) => {
    const outcome = await runRival(name, load)
    expect(outcome.broken).toEqual([])
    expect(outcome.requests).toBeGreaterThan(outcome.failed)
    expect(outcome.rotations).toBeGreaterThan(0)
  },
  60_000
)

it.concurrent.each(names.slice(-1))(
  "%s loses a grant if a response is lost, and the run counts it",
  async (name) => {
    const { lost, sentTwice } = await runRival(name, { ...load, faults: ["response"] })
    expect(lost).toBeGreaterThan(0)
    expect(sentTwice).toBeGreaterThanOrEqual(lost)
  },
  60_000
)

describe.each(names.slice(0, 1))("how the grants that a rival loses are counted", () => {
  it("a refresh token that was used twice is a loss, and the user consents again", async () => {
    await using grant = await startUser()
    const [first] = grant.consents.values()
    await grant.exchange()
    await grant.user.check("acme")
    // The successor may still be saved.
    expect(grant.user.lost()).toBe(0)
    await grant.exchange()
    await grant.user.check("acme")
    expect(grant.user.lost()).toBe(1)
    expect(grant.consents.get("acme")).not.toBe(first)
    const { refresh_token } = await grant.tokens.load("acme")
    expect(await grant.exchange(refresh_token)).toMatchObject({ access_token: expect.any(String) })
  })

  it("a successor that is stored is no loss, and one of a consent that is over is", async () => {
    await using grant = await startUser()
    const late = { ...(await grant.exchange()), expires_at: new Date(0).toISOString() }
    await grant.tokens.save("acme", late)
    await grant.user.check("acme")
    expect(grant.user.lost()).toBe(0)
    await grant.exchange()
    await grant.user.check("acme")
    expect(grant.user.lost()).toBe(1)
    // A process that was frozen stores its old successor over the new consent.
    await grant.tokens.save("acme", late)
    await grant.user.check("acme")
    expect(grant.user.lost()).toBe(2)
  })
})
