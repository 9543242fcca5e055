/** Where a command that the documentation shows is run by the continuous integration. */
interface Command {
  readonly line: string
  readonly runIn: string
  /** What that file says to run it. */
  readonly as: string
}

export const commands: ReadonlyArray<Command> = [
  { line: "npx -y pnpm@12 demo", runIn: ".ci/run", as: "npx -y pnpm@12 demo" },
  { line: "npx -y pnpm@12 test", runIn: ".ci/run", as: "npx -y pnpm@12 test" },
  { line: "npx -y pnpm@12 artifacts", runIn: ".ci/run", as: "npx -y pnpm@12 artifacts" },
  { line: "npx -y pnpm@12 test:packages", runIn: ".ci/run", as: "npx -y pnpm@12 test:packages" },
  { line: "npx -y pnpm@12 test:consume", runIn: ".ci/run", as: "npx -y pnpm@12 test:consume" },
  { line: "npx -y pnpm@12 test:runtimes", runIn: ".ci/run", as: "npx -y pnpm@12 test:runtimes" },
  { line: "npx -y pnpm@12 test:apps", runIn: ".ci/run", as: "npx -y pnpm@12 test:apps" },
  { line: "npx -y pnpm@12 test:docs", runIn: ".ci/run", as: "npx -y pnpm@12 test:docs" },
  { line: "npx -y pnpm@12 rehearsal", runIn: ".ci/run", as: "npx -y pnpm@12 rehearsal" },
  { line: "npx -y pnpm@12 run docs", runIn: "package.json", as: '"docs": "pnpm --filter site run render' },
  { line: "npx -y pnpm@12 install", runIn: ".ci/run", as: "pnpm@12.21.0 install" },
  { line: "npx -y pnpm@12 build", runIn: "scripts/test.ts", as: '"build"' },
  { line: "npx -y pnpm@12 lint", runIn: "scripts/test.ts", as: '"lint"' },
  { line: "npx -y pnpm@12 typecheck", runIn: "scripts/test.ts", as: '"typecheck"' },
  { line: "npx -y pnpm@12 format", runIn: "package.json", as: "oxfmt --check" },
  { line: ".ci/run", runIn: ".github/workflows/ci.yml", as: ".ci/run" },
  { line: "npm install @tokenkeep/deeply effect", runIn: "scripts/consume/Consumer.ts", as: '"npm", "install"' },
  { line: "npm install @tokenkeep/core effect", runIn: "scripts/consume/Consumer.ts", as: '"npm", "install"' },
  { line: "npm install tokenkeep", runIn: "scripts/consume/Consumer.ts", as: '"npm", "install"' }
]

/** All commands of an app's README are run, and their output compared, by `npx -y pnpm@12 test:apps`. */
const isOfApp = (source: string): boolean => /^apps\/[^/]+\/README\.md$/.test(source)

const inApp = (text: string): ReadonlyArray<string> =>
  /^(node|deno|bun|curl) \S[^\n]*$/.test(text) ? [] : ["is not one command that scripts/apps/App.ts runs"]

const shell = (text: string, source: string): ReadonlyArray<string> => (isOfApp(source) ? inApp(text) : inPage(text))

const inPage = (text: string): ReadonlyArray<string> =>
  text
    .split("\n")
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .filter((line) => !commands.some((command) => command.line === line))
    .map((line) => `"${line}" is run nowhere: add it to test/docs/Languages.ts with the place that runs it`)

const json = (text: string): ReadonlyArray<string> => {
  try {
    JSON.parse(text)
    return []
  } catch (error) {
    return [String(error)]
  }
}

const http = (text: string): ReadonlyArray<string> =>
  /^([A-Z]+ \S+|HTTP\/\d(\.\d)? \d{3})/.test(text) ? [] : ["starts with no request line and no status line"]

/** How a block of each language is checked, apart from ts, which is run. A language that is not here may not be used. */
export const languages: Readonly<Record<string, (text: string, source: string) => ReadonlyArray<string>>> = {
  sh: shell,
  bash: shell,
  json,
  http,
  text: () => [],
  "": () => []
}
