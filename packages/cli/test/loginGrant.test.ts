import { assertNoSecrets } from "@tokenkeep/core/testing"
import { createOAuth2 } from "@tokenkeep/oauth2"
import { FileStorage } from "@tokenkeep/storage-file"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { secret, startRefreshIssuer } from "oauth2-issuer"
import { describe, expect, it } from "vitest"
import { filesBelow } from "./support/readablePlaces.ts"
import { cli, temporaryHome } from "./support/startCli.ts"

const encryptionKey = "kept for the tests, 32 characters"

/** A profile whose refresh token a strict server replaces at each use, and a process of the fleet that shares it. */
const withGrant = async (more: { client?: object; grant?: object } = {}) => {
  const issuer = await startRefreshIssuer()
  const home = temporaryHome()
  const directory = join(home.path, "tokens")
  const profile = {
    type: "oauth2",
    baseUrl: issuer.api,
    issuer: issuer.issuer,
    client: { id: "app", secret: { env: "APP_SECRET" }, ...more.client },
    grant: { type: "refresh_token", id: "acme", ...more.grant },
    storage: { type: "file", directory }
  }
  writeFileSync(join(home.path, "tokenkeep.config.json"), JSON.stringify({ profiles: { acme: profile } }))
  const env = { APP_SECRET: secret, TOKENKEEP_ENCRYPTION_KEY: encryptionKey }
  const member = createOAuth2({
    baseUrl: issuer.api,
    issuer: issuer.issuer,
    client: { id: "app", secret },
    grant: { type: "refresh_token", id: "acme" },
    storage: FileStorage.layer({ directory }),
    encryptionKey
  })
  return {
    issuer,
    home: home.path,
    env,
    member,
    run: (args: ReadonlyArray<string>, input = "") => cli(args, { home: home.path, env, input }),
    [Symbol.asyncDispose]: async () => {
      await member.dispose()
      await issuer[Symbol.asyncDispose]()
      home[Symbol.dispose]()
    }
  }
}

describe("tokenkeep login with a refresh token", () => {
  it("GRANT-4: gives a fleet the new consent without a restart, and exchanges it at once", async () => {
    await using given = await withGrant()
    const { issuer, member } = given
    const first = await issuer.consent()
    await member.replaceGrant(first.refreshToken)
    await issuer.withdraw(first.grantId)
    await expect(member.token()).rejects.toMatchObject({ code: "GRANT_REJECTED" })

    const second = await issuer.consent()
    const { code, stderr, stdout } = await given.run(["login"], `${second.refreshToken}\n`)
    expect(stderr).toContain("in place for all clients that share the grant acme. It was exchanged, and is accepted.")
    expect(code).toBe(0)
    assertNoSecrets(stdout + stderr + filesBelow(given.home), [second.refreshToken, secret])
    expect(issuer.rotations()).toBe(1)
    expect((await member.fetch("/")).status).toBe(200)
    expect(issuer.rotations()).toBe(1)

    const state = JSON.parse((await given.run(["status", "--format", "json"])).stdout).profiles[0]
    expect(state.grant).toMatchObject({ id: "acme", state: "ok", generation: 1 })
    expect(state.token.state).toBe("good")
    expect(issuer.rotations()).toBe(1)
    const logout = await given.run(["logout"])
    expect(logout.stderr).toContain("Removed: the stored access token.")
    expect(logout.stderr).toContain("The refresh token of the grant acme stays in the storage")
  })

  it("exchanges it even if the access token of the consent before is good", async () => {
    await using given = await withGrant()
    await given.run(["login"], (await given.issuer.consent()).refreshToken)
    await given.run(["login"], (await given.issuer.consent()).refreshToken)
    expect(given.issuer.events).toEqual(["exchanged", "exchanged"])
    const unchecked = await given.run(["login", "--no-check"], (await given.issuer.consent()).refreshToken)
    expect(unchecked.code).toBe(0)
    expect(given.issuer.rotations()).toBe(2)
  })

  it("reports a refresh token that the server rejects", async () => {
    await using given = await withGrant()
    const { code, stderr } = await given.run(["login"], "rt-canary-0123456789abcdef")
    expect(code).toBe(1)
    expect(stderr).toContain("GRANT_REJECTED")
    assertNoSecrets(stderr, ["rt-canary-0123456789abcdef"])
  })

  it("refuses while the configuration names a refresh token of its own", async () => {
    await using given = await withGrant({ grant: { refreshToken: { env: "APP_SECRET" } } })
    const { code, stderr } = await given.run(["login"], "rt-canary-0123456789abcdef")
    expect(code).toBe(2)
    expect(stderr).toContain("Remove grant.refreshToken")
  })

  it("keeps the client secret with --client-secret, if client.method says that there is one", async () => {
    await using given = await withGrant({ client: { secret: undefined, method: "client_secret_basic" } })
    const kept = await given.run(["login", "--client-secret"], secret)
    expect(kept.stderr).toContain("The client secret of the profile acme was not checked, and is kept in")
    expect((await given.run(["login"], (await given.issuer.consent()).refreshToken)).code).toBe(0)
    expect((await given.run(["token"])).code).toBe(0)

    await using pub = await withGrant({ client: { secret: undefined } })
    const refused = await pub.run(["login", "--client-secret"], secret)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain("Set client.method")
  })
})
