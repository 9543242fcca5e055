import { assertNoSecrets } from "@tokenkeep/core/testing"
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { filesBelow, watchProcess } from "./support/readablePlaces.ts"
import { cli, startCli } from "./support/startCli.ts"
import { inTerminal } from "./support/terminal.ts"
import { withFake } from "./support/withFake.ts"

const encryptionKey = "kept for the tests, 32 characters"

const withLogin = async () => {
  const given = await withFake()
  const { home } = given.options
  const env = { DEEPLY_HOST: given.fake.url, TOKENKEEP_ENCRYPTION_KEY: encryptionKey }
  return {
    fake: given.fake,
    home,
    env,
    options: { home, env },
    login: (input: string, ...args: ReadonlyArray<string>) => cli(["login", ...args], { home, env, input }),
    token: (more: Record<string, string> = {}) =>
      cli(["token", "--format", "json"], { home, env: { ...env, ...more } }),
    [Symbol.asyncDispose]: () => given[Symbol.asyncDispose]()
  }
}

const secretsFolder = (home: string) => join(home, ".config/tokenkeep/secrets")

describe("tokenkeep login", () => {
  it("checks a key of stdin, keeps it sealed, and shows it nowhere", async () => {
    await using given = await withLogin()
    const { child, result } = startCli(["login"], { ...given.options, input: `${given.fake.apiKey}\n` })
    const visible = watchProcess(child)
    const { code, stderr, stdout } = await result
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" })
    expect(stderr).toContain("was accepted, and is kept in the sealed file")
    expect(given.fake.stats.tokenRequests).toBe(1)
    expect((await given.token()).code).toBe(0)

    const folder = secretsFolder(given.home)
    const [file = ""] = readdirSync(folder)
    expect([folder, join(folder, file)].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual([
      "700",
      "600"
    ])
    expect(visible()).toContain("login")
    const readable = [stdout, stderr, visible(), filesBelow(join(given.home, ".config"))].join("\n")
    assertNoSecrets(readable, [given.fake.apiKey, encryptionKey])
  })

  it("keeps nothing if the API rejects the key, and keeps it unchecked with --no-check", async () => {
    await using given = await withLogin()
    const rejected = await given.login("sk-canary-0123456789abcdef")
    expect(rejected.code).toBe(1)
    expect(rejected.stderr).toContain("API_KEY_REJECTED")
    assertNoSecrets(rejected.stderr, ["sk-canary-0123456789abcdef"])
    expect((await given.token()).stderr).toContain("API_KEY_MISSING")

    await given.fake.close()
    const unreachable = await given.login(given.fake.apiKey)
    expect(unreachable.stderr).toContain("With --no-check")
    const unchecked = await given.login(given.fake.apiKey, "--no-check")
    expect(unchecked.code).toBe(0)
    expect(unchecked.stderr).toContain("was not checked")
  })

  it.each([
    ["nothing", "", "is empty"],
    ["spaces", "   \n", "is empty"],
    ["20 kB", "k".repeat(20_000), "is longer than 8192 bytes"],
    ["two lines", "sk-canary-0123456789abcdef\nsk-canary-fedcba9876543210\n", "contains a control character"],
    ["a pasted header", "Bearer sk-canary-0123456789abcdef", 'starts with "Bearer"']
  ])("refuses %s, and keeps nothing", async (_, input, why) => {
    await using given = await withLogin()
    const { code, stderr } = await given.login(input)
    expect(code).toBeGreaterThan(0)
    expect(stderr).toContain(why)
    expect(given.fake.stats.tokenRequests).toBe(0)
    assertNoSecrets(stderr, ["sk-canary-0123456789abcdef"])
    expect(() => readdirSync(secretsFolder(given.home))).toThrow("ENOENT")
  })

  it("KEY-1: does not give the key to another host, or to another profile", async () => {
    await using given = await withLogin()
    await given.login(given.fake.apiKey)
    await using other = await withFake()
    expect((await given.token({ DEEPLY_HOST: other.fake.url })).stderr).toContain("API_KEY_MISSING")
    expect(other.fake.stats.requests).toBe(0)

    const config = join(given.home, "tokenkeep.config.json")
    const profiles = { default: { type: "deeply", host: other.fake.url }, roof: { type: "deeply" } }
    writeFileSync(config, JSON.stringify({ default: "default", profiles }))
    expect((await given.token()).stderr).toContain("API_KEY_MISSING")
    expect((await given.token({ TOKENKEEP_PROFILE: "roof" })).stderr).toContain("API_KEY_MISSING")
    expect(other.fake.stats.requests).toBe(0)
    writeFileSync(config, JSON.stringify({ profiles: { default: { type: "deeply", host: given.fake.url } } }))
    expect((await given.token({ DEEPLY_HOST: other.fake.url })).code).toBe(0)
  })

  it("does not open a sealed file that was copied to the place of another host, or changed", async () => {
    await using given = await withLogin()
    await given.login(given.fake.apiKey)
    const folder = secretsFolder(given.home)
    const [own = ""] = readdirSync(folder)
    await using other = await withFake()
    const env = { ...given.env, DEEPLY_HOST: other.fake.url }
    await cli(["login"], { home: given.home, env, input: other.fake.apiKey })
    const foreign = readdirSync(folder).find((file) => file !== own) ?? ""
    writeFileSync(join(folder, foreign), readFileSync(join(folder, own)))
    const copied = await cli(["token"], { home: given.home, env })
    expect(copied.stderr).toContain("cannot be opened")
    const changed = await given.token({ TOKENKEEP_ENCRYPTION_KEY: "x".repeat(32) })
    expect(changed.stderr).toContain("cannot be opened")
    expect(changed.stderr).toContain("Restore the value that TOKENKEEP_ENCRYPTION_KEY had at the login. If it is lost")
    const { TOKENKEEP_ENCRYPTION_KEY: _, ...keyless } = given.env
    const locked = await cli(["token"], { home: given.home, env: keyless })
    expect(locked.stderr).toContain("Set TOKENKEEP_ENCRYPTION_KEY to the value that it had at the login.")
    writeFileSync(join(folder, own), "AAAA")
    expect((await given.token()).stderr).toContain("cannot be opened")
  })

  it("refuses if there is neither a keyring nor an encryption key, before it asks", async () => {
    await using given = await withLogin()
    const { TOKENKEEP_ENCRYPTION_KEY: _, ...env } = given.env
    const token = await cli(["token"], { home: given.home, env })
    expect(token.stderr).toContain("login needs TOKENKEEP_ENCRYPTION_KEY: set it to the output of `openssl rand")
    const { code, stderr } = await cli(["login"], { home: given.home, env, input: given.fake.apiKey })
    expect(code).toBe(2)
    expect(stderr).toContain("the keyring cannot be used")
    expect(stderr).toContain("openssl rand -base64 32")
    const short = await cli(["login"], { home: given.home, env: { ...env, TOKENKEEP_ENCRYPTION_KEY: "short" } })
    expect(short.stderr).toContain("shorter than 32 bytes")
  })

  it("refuses --client-secret for the Deeply API", async () => {
    await using given = await withLogin()
    const { code, stderr } = await given.login(given.fake.apiKey, "--client-secret")
    expect(code).toBe(2)
    expect(stderr).toContain("Leave out --client-secret.")
  })

  it("says that a variable comes first", async () => {
    await using given = await withLogin()
    const env = { ...given.env, DEEPLY_API_KEY: "sk-another-0123456789" }
    const { stderr } = await cli(["login"], { home: given.home, env, input: given.fake.apiKey })
    expect(stderr).toContain("It is not used while the variable DEEPLY_API_KEY has one.")
  })

  it.each([
    ["sk-canary-0123456789abcdef"],
    ["--api-key=sk-canary-0123456789abcdef"],
    ["--check=sk-canary-0123456789abcdef"]
  ])("does not repeat a secret that was passed as an argument", async (argument) => {
    await using given = await withLogin()
    const { code, stderr, stdout } = await given.login("", argument)
    expect(code).toBe(2)
    expect(stderr).toContain("tokenkeep:")
    assertNoSecrets(stdout + stderr, ["sk-canary-0123456789abcdef"])
  })

  it("removes the key and the token at logout, and says what it removed", async () => {
    await using given = await withLogin()
    await given.login(given.fake.apiKey)
    await given.token()
    const { code, stderr } = await cli(["logout"], given.options)
    expect(code).toBe(0)
    expect(stderr).toContain("Removed: the stored access token, the API key in")
    expect((await given.token()).stderr).toContain("API_KEY_MISSING")
    expect(filesBelow(join(given.home, ".local/state"))).not.toContain("issuedAt")
    expect((await cli(["logout"], given.options)).stderr).toContain("There was nothing to remove")
  })

  it("says at logout without the encryption key that the token stays, and how to remove it", async () => {
    await using given = await withLogin()
    await given.login(given.fake.apiKey)
    const { home } = given
    const { code, stderr } = await cli(["logout", "--quiet"], { home, env: { DEEPLY_HOST: given.fake.url } })
    expect(code).toBe(1)
    expect(stderr).toContain("A stored access token was not removed")
    expect(stderr).toContain("run tokenkeep login --profile default with the same API key")
    expect(stderr).not.toContain("sealed file")
    expect(readdirSync(secretsFolder(home))).toEqual([])
    expect(filesBelow(join(home, ".local/state"))).not.toBe("")
    await given.login(given.fake.apiKey)
    expect((await cli(["logout"], given.options)).stderr).toContain("Removed: the stored access token")
  })
})

describe("tokenkeep login in a terminal", () => {
  it.each([
    ["typed", (key: string) => `${key}\r`],
    ["typed with Ctrl-Z in it", (key: string) => `${key.slice(0, 6)}\u001a${key.slice(6)}\r`],
    ["typed with corrections", (key: string) => `wrong\u0015${key}x\u007f\r`]
  ])("does not show the key when it is %s", async (_, keysOf) => {
    await using given = await withLogin()
    const keys = keysOf(given.fake.apiKey)
    const { code, shown } = await inTerminal(["login"], { ...given.options, prompt: "(not shown)", keys })
    expect(shown).toContain("was accepted, and is kept")
    expect(code).toBe(0)
    assertNoSecrets(shown, [given.fake.apiKey])
    expect((await given.token()).code).toBe(0)
  })

  it.each([
    ["two pasted lines", "sk-canary-0123456789abcdef\rsk-canary-fedcba9876543210\r", 1, "contains a control character"],
    ["Ctrl-C", "sk-canary-0123456789abcdef\u0003", 130, ""],
    ["Ctrl-C twice", "sk-canary-0123456789abcdef\u0003\u0003", 130, ""],
    ["Ctrl-D", "\u0004", 2, "is empty"],
    ["Enter", "\r", 2, "is empty"]
  ])("ends with nothing kept after %s", async (_, keys, exit, why) => {
    await using given = await withLogin()
    const { code, shown } = await inTerminal(["login"], { ...given.options, prompt: "(not shown)", keys })
    expect(shown).toContain(why)
    // Ctrl-C is no mistake, so there is no message.
    expect(shown.includes("tokenkeep:")).toBe(exit !== 130)
    expect(code).toBe(exit)
    assertNoSecrets(shown, ["sk-canary-0123456789abcdef", "sk-canary-fedcba9876543210"])
    expect(given.fake.stats.tokenRequests).toBe(0)
    expect(() => readdirSync(secretsFolder(given.home))).toThrow("ENOENT")
  })
})
