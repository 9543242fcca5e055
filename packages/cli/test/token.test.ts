import { describe, expect, it } from "vitest"
import { cli } from "./support/startCli.ts"
import { withFake } from "./support/withFake.ts"

describe("tokenkeep token", () => {
  it("prints what is known about the token, and not the token", async () => {
    await using given = await withFake()
    const { code, stderr, stdout } = await cli(["token"], given.options)
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout).toMatch(/^profile  default\nid +[0-9a-f]{32}\nsource +issued\nage +\d+ s\nexpires +20.+Z \(jwt\)\n$/)
    expect(stdout).not.toContain("eyJ")
  })

  it("takes the token of an earlier call from the storage", async () => {
    await using given = await withFake()
    const first = await cli(["token", "--reveal"], given.options)
    const second = await cli(["token", "--format", "json"], given.options)
    const third = await cli(["token", "--format", "json", "--reveal"], given.options)
    expect(JSON.parse(second.stdout)).toMatchObject({ profile: "default", source: "storage", lifetimeSource: "jwt" })
    expect(second.stdout).not.toContain(first.stdout.trim())
    expect(JSON.parse(third.stdout).token).toBe(first.stdout.trim())
    expect(given.fake.stats.issued).toBe(1)
  })

  it("makes one token request for five calls at once", async () => {
    await using given = await withFake()
    const results = await Promise.all(Array.from({ length: 5 }, () => cli(["token", "--reveal"], given.options)))
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0])
    expect(new Set(results.map(({ stdout }) => stdout)).size).toBe(1)
    expect(given.fake.stats.issued).toBe(1)
  })

  it("prints a header for curl", async () => {
    await using given = await withFake()
    const { stdout } = await cli(["token", "--format", "header"], given.options)
    const [name = "", value = ""] = stdout.trim().split(": ")
    const response = await fetch(`${given.fake.url}/api/v1/mics`, { headers: { [name]: value } })
    expect(response.status).toBe(200)
    await response.body?.cancel()
  })

  it.each(["v1", "v1beta1"])("prints a credential for kubectl, in the version %s that it asks for", async (version) => {
    await using given = await withFake()
    const apiVersion = `client.authentication.k8s.io/${version}`
    const env = { ...given.options.env, KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion, kind: "ExecCredential" }) }
    const { stdout } = await cli(["token", "--format", "exec-credential"], { ...given.options, env })
    const credential = JSON.parse(stdout)
    expect(credential).toMatchObject({ apiVersion, kind: "ExecCredential" })
    expect(Date.parse(credential.status.expirationTimestamp)).toBeGreaterThan(0)
    const headers = { authorization: `Bearer ${credential.status.token}` }
    expect((await fetch(`${given.fake.url}/api/v1/mics/mic-1`, { headers })).status).toBe(200)
  })

  it("says on stderr what is wrong, how to fix it, and where that is explained", async () => {
    await using given = await withFake()
    given.fake.revokeKey()
    const { code, stderr, stdout } = await cli(["token"], given.options)
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toMatch(
      /^tokenkeep: API_KEY_REJECTED: .+\n {2}fix: {3}.+\n {2}page: {2}.+errors\.md#API_KEY_REJECTED\n/
    )
    expect(stderr).not.toContain(given.fake.apiKey)
  })

  it("ends with 2 if there is no key", async () => {
    await using given = await withFake()
    const { code, stderr } = await cli(["token"], { home: given.options.home, env: { DEEPLY_HOST: given.fake.url } })
    expect(code).toBe(2)
    expect(stderr).toContain("API_KEY_MISSING")
  })
})
