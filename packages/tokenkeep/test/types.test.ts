import { execFile } from "node:child_process"
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, it, onTestFinished } from "vitest"

const root = join(import.meta.dirname, "..")
const tsc = join(root, "../../node_modules/.bin/tsc")

const program = `import {
  type AccessToken, type CreateDeeplyOptions, createDeeply, type DeeplyEvent, type Duration, edge, isTokenkeepError,
  MemoryStorage, type Page, type TokenkeepError, tokenkeepErrorOf
} from "tokenkeep"
import { FileStorage } from "tokenkeep/file"
import { authorizedKy, KyTransport } from "tokenkeep/ky"
import { createOAuth2, type CreateOAuth2Options, type OAuth2Client } from "tokenkeep/oauth2"
import { OpenTelemetry } from "tokenkeep/opentelemetry"
import { RedisStorage } from "tokenkeep/redis"
import { UndiciTransport } from "tokenkeep/undici"
import { createFakeDeeply, type FakeDeeply, startFakeDeeply } from "tokenkeep/testing"

const options: CreateDeeplyOptions = {
  apiKey: [async () => "sk-live-2f6c1d", "sk-live-9b0e44"],
  host: edge("192.0.2.7"),
  storage: FileStorage.layer({ directory: "/var/lib/tokens" }),
  fallbackStorage: MemoryStorage.layer(),
  renewal: { window: "2 minutes", jitter: 0.2 },
  tokenRequest: { deadline: 5_000 },
  onTokenEvent: (event) => { if (event.type === "issued") event.tookMillis satisfies number }
}
const deeply = createDeeply(options)
const page: Promise<Page<DeeplyEvent>> = deeply.events.list({ label_id: "crying" }, { signal: AbortSignal.timeout(1) })
const token: Promise<AccessToken> = deeply.token()
const fetchIt: typeof fetch = deeply.fetch
const fake: FakeDeeply = createFakeDeeply()
createDeeply({ transport: KyTransport.layer(), storage: RedisStorage.layer({ url: "redis://tokens.test" }) })
createDeeply({ transport: UndiciTransport.layer(), telemetry: OpenTelemetry.layer() })
const json: Promise<unknown> = authorizedKy(deeply).get("api/v1/mics").json()
try { await Promise.all([page, token, fetchIt("/"), startFakeDeeply(), fake.handle(new Request("https://a.test"))]) } catch (error) {
  if (isTokenkeepError(error) && error.reason._tag === "ApiKeyRejected") error.reason.retryAt satisfies number
  const cause: TokenkeepError | undefined = tokenkeepErrorOf(error)
  if (cause?.code === "RATE_LIMITED") {
    cause.retryAt satisfies number
    cause.reason.endpoint satisfies string
  }
  // @ts-expect-error few codes have a time
  if (cause?.code === "TOKEN_EXPIRED") cause.retryAt satisfies number
  // @ts-expect-error not a code
  cause?.code === "RATE_LIMIT"
}
const explained: Promise<TokenkeepError | undefined> = deeply.explain(new Response(null, { status: 429 }))
const wait: Duration = "1 minute"
const oauth2: CreateOAuth2Options = {
  baseUrl: new URL("https://api.test"), issuer: "https://login.test",
  client: { id: "app", privateKey: [async () => ({ kty: "OKP", crv: "Ed25519" }), { key: "PEM", kid: "first" }] },
  grant: { type: "urn:ietf:params:oauth:grant-type:jwt-bearer", id: "acme", parameters: async () => ({ assertion: "a" }) },
  storage: MemoryStorage.layer(), renewal: { window: "2 minutes" }
}
const crm: OAuth2Client = createOAuth2(oauth2)
crm.fetch satisfies typeof fetch
// @ts-expect-error a grant of a later version
createOAuth2({ ...oauth2, grant: { type: "refresh_token" } })
// @ts-expect-error only @tokenkeep/oauth2 runs effects
crm.run
// @ts-expect-error not a unit of time
createDeeply({ maxWait: "2 fortnights" })
// @ts-expect-error not a storage of this package
createDeeply({ storage: { layer: MemoryStorage.layer } })
// @ts-expect-error only @tokenkeep/deeply runs effects
deeply.run
`

/** A project with this package and its peer dependencies, as npm would install them. */
const project = (compilerOptions: object): string => {
  const directory = mkdtempSync(join(tmpdir(), "types-"))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const installed = join(directory, "node_modules/tokenkeep")
  mkdirSync(installed, { recursive: true })
  cpSync(join(root, "dist"), join(installed, "dist"), { recursive: true })
  const { publishConfig, ...manifest } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  writeFileSync(join(installed, "package.json"), JSON.stringify({ ...manifest, ...publishConfig }))
  for (const peer of ["ky", "undici"]) {
    symlinkSync(join(root, "node_modules", peer), join(directory, "node_modules", peer))
  }
  writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }))
  writeFileSync(join(directory, "main.ts"), program)
  const common = {
    target: "es2023",
    lib: ["es2023", "esnext.disposable", "dom", "dom.iterable"],
    types: [],
    noEmit: true
  }
  const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false }
  writeFileSync(
    join(directory, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { ...common, ...strict, ...compilerOptions }, files: ["main.ts"] })
  )
  return directory
}

it.each([
  ["nodenext", { module: "nodenext" }],
  ["a bundler", { module: "esnext", moduleResolution: "bundler" }]
])("the declarations compile with strict options for %s", async (_, compilerOptions) => {
  const { stdout } = await promisify(execFile)(tsc, ["-p", project(compilerOptions)]).catch((error) => error)
  expect(stdout).toBe("")
})

it("declarations import only peer dependencies, and mention effect and @tokenkeep/ packages nowhere", () => {
  const files = globSync("dist/**/*.d.ts", { cwd: root })
  expect(files.length).toBeGreaterThan(1)
  for (const file of files) {
    const text = readFileSync(join(root, file), "utf8")
    expect(text).not.toMatch(/@tokenkeep\/|\beffect\b/i)
    const imported = text.matchAll(/^(?:import|export) .*from "(?!\.\/)([^"]+)"/gm)
    expect(["ky", "undici"]).toEqual(expect.arrayContaining([...imported].map(([, name]) => name)))
  }
})
