import { execFile } from "node:child_process"
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, it, onTestFinished } from "vitest"

const root = join(import.meta.dirname, "..")
const tsc = join(root, "../../node_modules/.bin/tsc")

const program = `import {
  type AccessToken, type CreateDeeplyOptions, createDeeply, type DeeplyEvent, edge, FileStorage, isAuthError, MemoryStorage, type Page
} from "tokenkeep"
import { createFakeDeeply, type FakeDeeply, startFakeDeeply } from "tokenkeep/testing"

const options: CreateDeeplyOptions = {
  apiKey: [async () => "sk-live-2f6c1d", "sk-live-9b0e44"],
  host: edge("192.0.2.7"),
  storage: FileStorage.layer({ directory: "/var/lib/tokens" }),
  fallbackStorage: MemoryStorage.layer(),
  renewal: { window: "2 minutes", jitter: 0.2 },
  issue: { deadline: 5_000 },
  onEvent: (event) => { if (event.type === "issued") event.tookMillis satisfies number }
}
const deeply = createDeeply(options)
const page: Promise<Page<DeeplyEvent>> = deeply.events.list({ label_id: "crying" }, { signal: AbortSignal.timeout(1) })
const token: Promise<AccessToken> = deeply.token()
const fetchIt: typeof fetch = deeply.fetch
const fake: FakeDeeply = createFakeDeeply()
try { await Promise.all([page, token, fetchIt("/"), startFakeDeeply(), fake.handle(new Request("https://a.test"))]) } catch (error) {
  if (isAuthError(error) && error.reason._tag === "ApiKeyRejected") error.reason.retryAt satisfies number
}
// @ts-expect-error a unit that there is not
createDeeply({ patience: "2 fortnights" })
// @ts-expect-error not a storage of this package
createDeeply({ storage: { layer: MemoryStorage.layer } })
// @ts-expect-error the door for effects is in another package
deeply.run
`

/** A project with the package as it is shipped, and nothing else. */
const project = (compilerOptions: object): string => {
  const directory = mkdtempSync(join(tmpdir(), "types-"))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const installed = join(directory, "node_modules/tokenkeep")
  mkdirSync(installed, { recursive: true })
  cpSync(join(root, "dist"), join(installed, "dist"), { recursive: true })
  const { publishConfig, ...manifest } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  writeFileSync(join(installed, "package.json"), JSON.stringify({ ...manifest, ...publishConfig }))
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
])("its types stand alone, strictly and with their libraries checked, for %s", async (_, compilerOptions) => {
  const { stdout } = await promisify(execFile)(tsc, ["-p", project(compilerOptions)]).catch((error) => error)
  expect(stdout).toBe("")
})

it("no type names effect or another package", () => {
  const files = globSync("dist/**/*.d.ts", { cwd: root })
  expect(files.length).toBeGreaterThan(1)
  for (const file of files) {
    const text = readFileSync(join(root, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "")
    expect(text).not.toMatch(/@tokenkeep|\beffect\b|from "(?!\.\/)/)
  }
})
