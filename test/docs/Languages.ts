/** A command of the documentation, and the place where the continuous integration runs it. */
interface Command {
  readonly line: string
  readonly runIn: string
  /** How that file runs it. */
  readonly as: string
}

export const commands: ReadonlyArray<Command> = [
  { line: "npx -y pnpm@12 demo", runIn: ".ci/run", as: "npx -y pnpm@12 demo" },
  { line: "npx -y pnpm@12 demo --console", runIn: ".ci/run", as: "npx -y pnpm@12 demo --console --seconds 8" },
  { line: "npx -y pnpm@12 test", runIn: ".ci/run", as: "npx -y pnpm@12 test" },
  { line: "npx -y pnpm@12 artifacts", runIn: "package.json", as: '"test:packed": "pnpm run artifacts && ' },
  { line: "npx -y pnpm@12 test:packed", runIn: ".ci/run", as: "npx -y pnpm@12 test:packed" },
  { line: "npx -y pnpm@12 test:packages", runIn: "package.json", as: '"pnpm run test:packed packages"' },
  { line: "npx -y pnpm@12 test:consume", runIn: "package.json", as: '"pnpm run test:packed consume"' },
  { line: "npx -y pnpm@12 test:types", runIn: "package.json", as: '"pnpm run test:packed types"' },
  { line: "npx -y pnpm@12 test:runtimes", runIn: "package.json", as: '"pnpm run test:packed runtimes"' },
  { line: "npx -y pnpm@12 test:apps", runIn: "package.json", as: '"pnpm run test:packed apps"' },
  { line: "npx -y pnpm@12 test:docs", runIn: ".ci/run", as: "npx -y pnpm@12 test:docs" },
  { line: "npx -y pnpm@12 rehearsal", runIn: ".ci/run", as: "npx -y pnpm@12 test:packed" },
  { line: "npx -y pnpm@12 run docs", runIn: "package.json", as: '"docs": "pnpm --filter site run render' },
  { line: "npx -y pnpm@12 install", runIn: ".ci/run", as: "pnpm@12.21.0 install" },
  { line: "npx -y pnpm@12 build", runIn: "scripts/test.ts", as: '"build"' },
  { line: "npx -y pnpm@12 lint", runIn: "scripts/test.ts", as: '"lint"' },
  { line: "npx -y pnpm@12 typecheck", runIn: "scripts/test.ts", as: '"typecheck"' },
  { line: "npx -y pnpm@12 format", runIn: "package.json", as: "oxfmt --check" },
  { line: ".ci/run", runIn: ".github/workflows/ci.yml", as: ".ci/run" },
  { line: "npm install @tokenkeep/deeply effect", runIn: "scripts/packed/Project.ts", as: '"npm", "install"' },
  { line: "npm install @tokenkeep/oauth2 effect", runIn: "scripts/packed/Project.ts", as: '"npm", "install"' },
  { line: "npm install @tokenkeep/core effect", runIn: "scripts/packed/Project.ts", as: '"npm", "install"' },
  ...[
    "npm install ../tokenkeep/artifacts/tokenkeep-0.0.0.tgz",
    "npm install effect ../tokenkeep/artifacts/tokenkeep-core-0.0.0.tgz ../tokenkeep/artifacts/tokenkeep-storage-memory-0.0.0.tgz ../tokenkeep/artifacts/tokenkeep-transport-fetch-0.0.0.tgz ../tokenkeep/artifacts/tokenkeep-deeply-0.0.0.tgz"
  ].map((line) => ({ line, runIn: "scripts/packed/consume.test.ts", as: "docs/versions.md" })),
  { line: "npm install tokenkeep", runIn: "scripts/packed/Project.ts", as: '"npm", "install"' }
]

/** `npx -y pnpm@12 test:apps` runs the commands of an app's README and compares their output. */
const isOfApp = (source: string): boolean => /^apps\/[^/]+\/README\.md$/.test(source)

const inApp = (text: string): ReadonlyArray<string> =>
  /^(node|deno|bun|curl) \S[^\n]*$/.test(text) ? [] : ["is not one command that scripts/packed/apps/App.ts runs"]

/** packages/cli/test/pages.test.ts runs the commands of these pages and compares their output. */
const isOfCommand = (source: string): boolean => ["docs/command-line.md", "docs/sidecar.md"].includes(source)

/** packages/cli/test/serve/languages.test.ts runs the programs of this page, and compares what they print. */
const ofLanguages = (_: string, source: string): ReadonlyArray<string> =>
  source === "docs/other-languages.md" ? [] : ["is run only in docs/other-languages.md"]

/** packages/cli/test/serve/languages.test.ts compares the options in it with those of the command. */
const manifest = (_: string, source: string): ReadonlyArray<string> =>
  source === "docs/kubernetes.md" ? [] : ["is checked only in docs/kubernetes.md"]

const shell = (text: string, source: string): ReadonlyArray<string> => {
  if (isOfCommand(source)) return []
  return isOfApp(source) ? inApp(text) : inPage(text)
}

const inPage = (text: string): ReadonlyArray<string> =>
  text
    .split("\n")
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .filter((line) => !commands.some((command) => command.line === line))
    .map((line) => `"${line}" is not run anywhere: add it to test/docs/Languages.ts with the file that runs it`)

const json = (text: string): ReadonlyArray<string> => {
  try {
    JSON.parse(text)
    return []
  } catch (error) {
    return [String(error)]
  }
}

const http = (text: string): ReadonlyArray<string> =>
  /^([A-Z]+ \S+|HTTP\/\d(\.\d)? \d{3})/.test(text) ? [] : ["starts with neither a request line nor a status line"]

/**
 * A worker needs modules of workerd: scripts/packed/runtimes.workers.test.ts runs the one of docs/recipes.md. Jest is
 * installed by scripts/packed/frameworks.test.ts only, which runs the test of docs/testing.md.
 */
const elsewhere = (text: string, source: string): ReadonlyArray<string> => {
  if (source === "docs/recipes.md" && text.includes('from "cloudflare:workers"')) return []
  if (source === "docs/testing.md" && text.includes('from "@jest/globals"')) return []
  return ["is run nowhere: use ts"]
}

/** scripts/packed/frameworks.test.ts builds and runs a Next.js application of these blocks. */
const nextFile = (text: string, source: string): ReadonlyArray<string> =>
  source === "docs/frameworks.md" && /^\/\/ \S+\.tsx?\n/.test(text) ? [] : ["is not a named file of docs/frameworks.md"]

/** How a block of each language is checked, except ts, which is run. Other languages may not be used. */
export const languages: Readonly<Record<string, (text: string, source: string) => ReadonlyArray<string>>> = {
  sh: shell,
  bash: (text, source) => (source === "docs/other-languages.md" ? [] : shell(text, source)),
  python: ofLanguages,
  java: ofLanguages,
  go: ofLanguages,
  yaml: manifest,
  json,
  http,
  js: elsewhere,
  tsx: nextFile,
  text: () => [],
  "": () => []
}
