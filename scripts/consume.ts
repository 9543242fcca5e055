// Installs the tarballs in artifacts/ with npm into empty projects, outside this workspace, and uses them as a newcomer
// would: from plain JavaScript on every supported Node, from strict TypeScript, with both ends of the range of effect,
// and beside a second copy of it.
import { globSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { runCases } from "./cases.ts"
import { Consumer } from "./consume/Consumer.ts"
import { node22, node24 } from "./nodes.ts"
import { readManifest } from "./publicPackages.ts"
import { root } from "./root.ts"

const newest = `effect@${readManifest(root).devDependencies?.["effect"]}`
const oldest = "effect@4.0.0"

// Node 22 does not parse `await using`.
const programOf = (name: string): string => `import { createDeeply } from "${name}"
import { startFakeDeeply } from "${name}/testing"

const server = await startFakeDeeply()
const deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
try {
  const response = await deeply.fetch("/api/v1/events")
  console.log(response.status)
  server.expireTokens()
  console.log((await deeply.events.list({ size: 2 })).results.length, server.stats.issued)
} finally {
  await deeply.dispose()
  await server.close()
}
`

const program = programOf("@tokenkeep/deeply")
const alone = programOf("tokenkeep")
const prints = ["200", "2 2"]

/** Keys from a vault whose library has a copy of effect of its own. */
const vault = {
  "package.json": JSON.stringify({
    name: "vault",
    version: "1.0.0",
    type: "module",
    exports: "./index.js",
    dependencies: { effect: oldest.slice("effect@".length) }
  }),
  "index.js": `import * as Redacted from "effect/Redacted"\nexport const redacted = Redacted.make\n`
}

const besideAnother = `import { createDeeply, isAuthError } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import * as Redacted from "effect/Redacted"
import { redacted } from "vault"

const told = (error) => console.log(isAuthError(error), error.code, error.reason.option, /another copy of effect/.test(error.message))
const server = await startFakeDeeply()
try {
  createDeeply({ apiKey: redacted(server.apiKey), host: server.host })
} catch (error) {
  told(error)
}
const asking = createDeeply({ apiKey: () => redacted(server.apiKey), host: server.host })
await asking.fetch("/api/v1/events").catch(told)
await asking.dispose()
const deeply = createDeeply({ apiKey: Redacted.make(server.apiKey), host: server.host })
console.log((await deeply.fetch("/api/v1/events")).status)
await deeply.dispose()
await server.close()
`

const tarballs = globSync("artifacts/*.tgz", { cwd: root }).map((file) => join(root, file))
if (tarballs.length === 0) throw new Error('artifacts/ holds no tarball: run "pnpm artifacts" first')
const isBundle = (tarball: string): boolean => /\/tokenkeep-\d[^/]*$/.test(tarball)
const bundle = tarballs.filter(isBundle)
const others = tarballs.filter((tarball) => !isBundle(tarball))

const work = mkdtempSync(join(tmpdir(), "consume-"))
const consumer = new Consumer(join(work, "newest"))
const oldestConsumer = new Consumer(join(work, "oldest"))
const aloneConsumer = new Consumer(join(work, "alone"))

const nodenext = { module: "nodenext" }
const bundler = { module: "esnext", moduleResolution: "bundler" }

const installBesideAnother = async (): Promise<void> => {
  const library = new Consumer(join(work, "vault"))
  for (const [file, text] of Object.entries(vault)) library.write(file, text)
  await library.do("npm", "pack")
  await consumer.install(join(library.directory, "vault-1.0.0.tgz"))
  const copies = await consumer.do("npm", "ls", "effect", "--parseable")
  if (!copies.includes(join("vault", "node_modules", "effect"))) throw new Error(`there is one copy:\n${copies}`)
}

const hasNothingElse = async (): Promise<void> => {
  const listed = await aloneConsumer.do("npm", "ls", "--all", "--parseable")
  const installed = listed.split("\n").filter((line) => line.includes("node_modules"))
  if (installed.length !== 1) throw new Error(`not one package, but:\n${listed}`)
}

try {
  await runCases("consume", {
    "npm installs the tarballs": () => consumer.install(newest, ...others),
    "runs on Node 22": () => consumer.runs(program, prints, node22),
    "runs on Node 24": () => consumer.runs(program, prints, node24),
    [`runs on Node ${process.versions.node.split(".")[0]}`]: () => consumer.runs(program, prints),
    "compiles with module nodenext": () => consumer.compiles(program, nodenext),
    "compiles for a bundler": () => consumer.compiles(program, bundler),
    [`npm installs the tarballs with ${oldest}`]: () => oldestConsumer.install(oldest, ...others),
    [`runs with ${oldest}`]: () => oldestConsumer.runs(program, prints),
    [`compiles with ${oldest}`]: () => oldestConsumer.compiles(program, nodenext),
    "npm installs a library with a copy of effect of its own": installBesideAnother,
    "a value of that other copy is CONFIG_INVALID, and nothing else is different": () =>
      consumer.runs(besideAnother, ["true CONFIG_INVALID apiKey true", "true CONFIG_INVALID apiKey true", "200"]),
    "npm installs tokenkeep": () => aloneConsumer.install(...bundle),
    "tokenkeep brings nothing else": hasNothingElse,
    "tokenkeep runs on Node 22": () => aloneConsumer.runs(alone, prints, node22),
    "tokenkeep runs on Node 24": () => aloneConsumer.runs(alone, prints, node24),
    "tokenkeep compiles with module nodenext": () => aloneConsumer.compiles(alone, nodenext),
    "tokenkeep compiles for a bundler": () => aloneConsumer.compiles(alone, bundler)
  })
} finally {
  rmSync(work, { recursive: true })
}
