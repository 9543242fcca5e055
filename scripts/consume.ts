// Installs the tarballs in artifacts/ with npm into an empty project, outside this workspace, and uses them as a
// newcomer would: from plain JavaScript on every supported Node, and from strict TypeScript.
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { runCases } from "./cases.ts"
import { outside } from "./outside.ts"
import { readManifest } from "./publicPackages.ts"
import { root } from "./root.ts"
import { run } from "./run.ts"

// Node 22 does not parse `await using`.
const program = `import { createDeeply } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"

const server = await startFakeDeeply()
const deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
try {
  const response = await deeply.fetch("/api/v1/events")
  console.log(response.status)
} finally {
  await deeply.dispose()
  await server.close()
}
`

const tarballs = globSync("artifacts/*.tgz", { cwd: root }).map((file) => join(root, file))
if (tarballs.length === 0) throw new Error('artifacts/ holds no tarball: run "pnpm artifacts" first')

const project = mkdtempSync(join(tmpdir(), "consume-"))

const inProject = (command: string, args: ReadonlyArray<string>): Promise<string> =>
  run(command, args, { cwd: project, env: outside })

const install = async (): Promise<void> => {
  const effect = `effect@${readManifest(root).devDependencies?.["effect"]}`
  await inProject("npm", ["install", "--no-audit", "--no-fund", effect, ...tarballs])
}

const runs = async (command: string, args: ReadonlyArray<string>): Promise<void> => {
  const printed = await inProject(command, [...args, "main.js"])
  if (!printed.split("\n").includes("200")) throw new Error(`did not print 200, but:\n${printed}`)
}

const compiles = async (compilerOptions: Readonly<Record<string, unknown>>): Promise<void> => {
  const config = {
    compilerOptions: {
      target: "es2023",
      lib: ["es2023", "esnext.disposable", "dom", "dom.iterable"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      ...compilerOptions
    },
    files: ["main.ts"]
  }
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config))
  await inProject(join(root, "node_modules/.bin/tsc"), ["-p", "tsconfig.json"])
}

writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }))
writeFileSync(join(project, "main.js"), program)
writeFileSync(join(project, "main.ts"), program)
try {
  await runCases("consume", {
    "npm installs the tarballs": install,
    "runs on Node 22": () => runs("npx", ["-y", "node@22.23.3"]),
    "runs on Node 24": () => runs("npx", ["-y", "node@24.21.0"]),
    [`runs on Node ${process.versions.node.split(".")[0]}`]: () => runs(process.execPath, []),
    "compiles with module nodenext": () => compiles({ module: "nodenext" }),
    "compiles for a bundler": () => compiles({ module: "esnext", moduleResolution: "bundler" })
  })
} finally {
  rmSync(project, { recursive: true })
}
