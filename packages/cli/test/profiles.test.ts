import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { cli } from "./support/startCli.ts"
import { withFake } from "./support/withFake.ts"

const withConfig = async (config: unknown) => {
  const given = await withFake()
  const file = join(given.options.home, "tokenkeep.config.json")
  writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config))
  return { ...given, file, [Symbol.asyncDispose]: () => given[Symbol.asyncDispose]() }
}

const deeply = { type: "deeply" }
const oauth2 = {
  type: "oauth2",
  baseUrl: "https://api.example.test",
  tokenEndpoint: "https://login.example.test/token",
  client: { id: "app", secret: { env: "CRM_SECRET" } },
  grant: { type: "client_credentials" }
}

describe("tokenkeep.config.json", () => {
  it("names profiles: the default one, the one of --profile, and that of TOKENKEEP_PROFILE", async () => {
    await using given = await withConfig({
      default: "lobby",
      profiles: { lobby: { ...deeply, apiKey: { env: "LOBBY_KEY" } }, roof: { ...deeply, apiKey: { env: "ROOF_KEY" } } }
    })
    const { DEEPLY_API_KEY: key, ...env } = given.options.env
    const options = { ...given.options, env: { ...env, LOBBY_KEY: key } }
    expect(JSON.parse((await cli(["token", "--format", "json"], options)).stdout).profile).toBe("lobby")
    const roof = await cli(["token", "--profile", "roof"], options)
    expect(roof.stderr).toContain("API_KEY_MISSING")
    const named = await cli(["token"], { ...options, env: { ...options.env, TOKENKEEP_PROFILE: "roof" } })
    expect(named.stderr).toContain("API_KEY_MISSING")
  })

  it("is found in the configuration folder of the user, and by --config and TOKENKEEP_CONFIG", async () => {
    await using given = await withFake()
    const folder = join(given.options.home, "settings", "tokenkeep")
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, "tokenkeep.config.json"), JSON.stringify({ profiles: { user: deeply } }))
    const nameOf = async (env: Record<string, string>, ...args: ReadonlyArray<string>) => {
      const options = { ...given.options, env: { ...given.options.env, ...env } }
      return JSON.parse((await cli(["token", "--format", "json", ...args], options)).stdout).profile
    }
    expect(await nameOf({ XDG_CONFIG_HOME: join(given.options.home, "settings") })).toBe("user")
    expect(await nameOf({ TOKENKEEP_CONFIG: join(folder, "tokenkeep.config.json") })).toBe("user")
    expect(await nameOf({}, "--config", "settings/tokenkeep/tokenkeep.config.json")).toBe("user")
    expect(await nameOf({})).toBe("default")
  })

  it("reads a secret from a file", async () => {
    await using given = await withConfig({ profiles: { pod: { ...deeply, apiKey: { file: "key.txt" } } } })
    writeFileSync(join(given.options.home, "key.txt"), `${given.options.env.DEEPLY_API_KEY}\n`)
    const { DEEPLY_API_KEY: _, ...env } = given.options.env
    expect(await cli(["token"], { ...given.options, env })).toMatchObject({ code: 0 })
  })

  it.each([
    ["{ not json", "it is not JSON"],
    [{ profiles: { a: { ...deeply, hots: "cloud" } } }, "profiles.a.hots is unknown. Did you mean host?"],
    [{ profile: {} }, "profile is unknown. Did you mean profiles?"],
    [{}, "profiles is missing"],
    [{ profiles: { a: { type: "deeplyy" } } }, "profiles.a.type has no known type"],
    [{ profiles: { a: { ...deeply, host: 7 } } }, "profiles.a.host is not a string"],
    [{ profiles: { a: { ...deeply, apiKey: "sk-live-canary" } } }, "profiles.a.apiKey contains a secret"],
    [
      { profiles: { a: { ...oauth2, client: { id: "app", secret: "sk-live-canary" } } } },
      "client.secret contains a secret"
    ],
    [
      { profiles: { a: { ...oauth2, client: { id: "app", scret: {} } } } },
      "client.scret is unknown. Did you mean secret?"
    ],
    [{ profiles: { a: { ...oauth2, client: { id: "app", method: "basic" } } } }, "client.method is not one of"],
    [{ profiles: { a: { ...oauth2, grant: { type: "refresh_token" } } } }, "grant.id is missing"],
    [{ profiles: { a: { ...oauth2, grant: { type: "password" } } } }, "grant.type"],
    [
      { profiles: { a: { ...deeply, storage: { type: "redis", url: "redis://u:sk-live-canary@h" } } } },
      "storage.url contains a secret"
    ],
    [{ profiles: { a: { ...deeply, storage: { type: "disk" } } } }, "storage.type has no known type"],
    [
      { profiles: { a: { ...deeply, storage: "redis" } } },
      'storage is a string, not an object. Write { "type": "redis" }'
    ],
    [{ profiles: { a: { ...deeply, storage: "sk-live-canary" } } }, "storage has no known type"],
    [
      { profiles: { a: { ...oauth2, grant: "client_credentials" } } },
      'grant is a string, not an object. Write { "type": "client_credentials" }'
    ],
    [{ profiles: { a: { ...deeply, baseUrl: "https://x.example" } } }, "A profile of the Deeply API has host instead."]
  ])("%j is refused: %s", async (config, why) => {
    await using given = await withConfig(config)
    const { code, stderr, stdout } = await cli(["token"], given.options)
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain(why)
    expect(stderr).not.toContain("sk-live-canary")
    expect(given.fake.stats.issued).toBe(0)
  })

  it.each([
    [["token", "--profile", "loby"], "--profile names a profile that does not exist. Did you mean lobby?"],
    [["token"], "No profile is chosen."],
    [["mics", "--profile", "crm"], "crm is not one of the Deeply API"],
    [["token", "--config", "nowhere.json"], "ENOENT"]
  ])("%j is refused: %s", async (args, why) => {
    await using given = await withConfig({ profiles: { lobby: deeply, crm: oauth2 } })
    const { code, stderr } = await cli(args, given.options)
    expect(code).toBe(2)
    expect(stderr).toContain(why)
  })
})

describe("messages about a configuration", () => {
  it("name the file and the profile of a wrong value, and the line of a syntax error", async () => {
    await using given = await withConfig({ profiles: { lobby: { ...deeply, host: "127.0.0.1:8100" } } })
    const { stderr } = await cli(["token"], given.options)
    expect(stderr).toContain(`In ${given.file}, profile lobby: host is `)
    writeFileSync(given.file, '{\n  "sk-live-canary": 1,\n}')
    const broken = await cli(["token"], given.options)
    expect(broken.stderr).toContain("is not JSON (line 3 column")
    expect(broken.stderr).not.toContain("sk-live-canary")
  })

  it("find a secret's file next to the configuration, wherever the command starts", async () => {
    await using given = await withFake()
    const folder = join(given.options.home, "settings")
    mkdirSync(folder)
    writeFileSync(join(folder, "key.txt"), given.options.env.DEEPLY_API_KEY)
    const file = join(folder, "tokenkeep.config.json")
    writeFileSync(file, JSON.stringify({ profiles: { pod: { ...deeply, apiKey: { file: "key.txt" } } } }))
    const { DEEPLY_API_KEY: _, ...env } = given.options.env
    expect(await cli(["token", "--config", file], { ...given.options, env })).toMatchObject({ code: 0 })
  })
})
