import { assertNoSecrets } from "@tokenkeep/core/testing"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { noKeyring, startKeyring } from "./support/keyring.ts"
import { filesBelow } from "./support/readablePlaces.ts"
import { cli } from "./support/startCli.ts"
import { withFake } from "./support/withFake.ts"

describe.skipIf(noKeyring)("a real keyring", () => {
  it("keeps the key for this host alone, before the sealed file, and forgets it at logout", async () => {
    await using given = await withFake()
    const { fake, options } = given
    const { home } = options
    const key = { TOKENKEEP_ENCRYPTION_KEY: "kept for the tests, 32 characters" }
    const base = { DEEPLY_HOST: fake.url }
    await cli(["login"], { home, env: { ...base, ...key }, input: fake.apiKey })
    const secrets = join(home, ".config/tokenkeep/secrets")
    expect(readdirSync(secrets)).toHaveLength(1)

    await using keyring = await startKeyring(home)
    const env = { ...base, ...keyring.env }
    const login = await cli(["login"], { home, env, input: fake.apiKey })
    expect(login.stderr).toContain("is kept in the keyring")
    expect(readdirSync(secrets)).toEqual([])
    expect((await cli(["token"], { home, env })).code).toBe(0)
    assertNoSecrets(login.stderr + filesBelow(join(home, ".local/share")), [fake.apiKey])

    await using other = await withFake()
    const elsewhere = await cli(["token"], { home, env: { ...env, DEEPLY_HOST: other.fake.url } })
    expect(elsewhere.stderr).toContain("API_KEY_MISSING")
    expect(other.fake.stats.requests).toBe(0)

    const state = JSON.parse((await cli(["status", "--format", "json"], { home, env })).stdout)
    expect(state.profiles[0].secret).toEqual({ kind: "API key", from: "keyring" })
    const logout = await cli(["logout"], { home, env })
    expect(logout.stderr).toContain("Removed: the stored access token, the API key in the keyring.")
    expect((await cli(["token"], { home, env })).stderr).toContain("API_KEY_MISSING")
  })
})
