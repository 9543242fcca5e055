import { existsSync } from "node:fs"
import { join, posix } from "node:path"
import { findRedis, freePort, type RedisServer, startServer } from "redis-servers"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { docstringsOf, exportsOf } from "./docs/Docstrings.ts"
import {
  buildExamples,
  examplesOf,
  type Located,
  matches,
  runExample,
  typecheckExamples,
  writeExamples
} from "./docs/Examples.ts"
import { commands, languages } from "./docs/Languages.ts"
import { parsePage } from "./docs/Markdown.ts"
import { readText, repositoryFiles, root } from "./repositoryFiles.ts"

const pages = repositoryFiles.filter((file) => file.endsWith(".md") && !file.endsWith("CHANGELOG.md"))
const modules = repositoryFiles.filter((file) => /^packages\/.+\/src\/.+\.ts$/.test(file))

const blocksOfPage = (source: string): ReadonlyArray<Located> =>
  parsePage(readText(source)).blocks.map((block) => ({ ...block, source, document: source }))

const blocksOfModule = (source: string): ReadonlyArray<Located> =>
  docstringsOf(source, readText(source)).flatMap(({ markdown, line }) =>
    parsePage(markdown).blocks.map((block) => ({
      ...block,
      line: line + block.line - 1,
      source,
      document: `${source}:${line}`
    }))
  )

const blocks = [...pages.flatMap(blocksOfPage), ...modules.flatMap(blocksOfModule)]
const examples = examplesOf(blocks)
writeExamples(examples)

/** A block with a title, as in "ts [Effect]", is a tab on the site. */
const isTab = ({ meta }: Pick<Located, "meta">): boolean => /^\[[^\]]+\]$/.test(meta)

/** Whether a block is a tab that follows a tab, or is followed by one. */
const hasOtherTabs = (block: Located): boolean =>
  isTab(block) &&
  ((block.next !== undefined && isTab(block.next)) ||
    blocks.some((other) => other.source === block.source && isTab(other) && other.next?.line === block.line))

/** Without a Redis server, the examples that need one are skipped, and counted as skipped. */
const hasRedis = findRedis() !== undefined
const needsRedis = ({ program }: { readonly program: string }): boolean => program.includes("process.env.REDIS_URL")

describe("TypeScript in the documentation", () => {
  let redis: RedisServer | undefined
  beforeAll(async () => {
    if (hasRedis && examples.some(needsRedis)) redis = await startServer()
  }, 120_000)
  afterAll(() => redis?.stop())

  let typeErrors: ReadonlyMap<string, ReadonlyArray<string>> = new Map()
  beforeAll(async () => {
    typeErrors = await typecheckExamples()
    await buildExamples(examples)
  }, 120_000)

  it("is checked against modules that compile", () => {
    const files = new Set(examples.map(({ file }) => file))
    expect([...typeErrors].filter(([file]) => !files.has(file))).toEqual([])
  })

  for (const example of examples) {
    it.concurrent(`${example.name} compiles, runs and prints what it says`, async ({ skip }) => {
      if (needsRedis(example) && !hasRedis) skip("there is no Redis")
      expect(typeErrors.get(example.file) ?? []).toEqual([])
      const { failure, printed } = await runExample(example, {
        ...(redis !== undefined && { REDIS_URL: redis.url }),
        ...(example.program.includes("process.env.PORT") && { PORT: String(await freePort()) })
      })
      expect(failure).toBeUndefined()
      const wrong = example.expected.filter((expected) => !matches(printed, expected))
      expect(wrong.map((expected) => ({ expected, printed }))).toEqual([])
    })
  }
})

describe("every block of the documentation", () => {
  for (const block of blocks) {
    const { source, line, language, meta, text } = block
    it(`${source}:${line} (${language || "unlabelled"}) has a known language and valid content`, () => {
      const allowed = ["", language === "ts" ? "continue" : "", hasOtherTabs(block) ? meta : ""]
      expect(allowed, "words after the language").toContain(meta)
      if (language === "ts") return
      expect(Object.keys(languages), "its language").toContain(language)
      expect(languages[language]?.(text, source)).toEqual([])
    })
  }

  it.each(commands)("$line is run in $runIn", ({ runIn, as }) => {
    expect(readText(runIn)).toContain(as)
  })
})

/** Node 22 does not know this syntax. */
const usesUsing = ({ text }: Pick<Located, "text">): boolean => /^\s*await using /m.test(text)

describe("Node 22", () => {
  const onNode22 = /On\sNode\s22\swithout\sa\scompiler,\scall\s`dispose\(\)`\sand\s`close\(\)`\sinstead\./
  const examplesIn = (source: string) => blocks.filter((block) => block.source === source && block.language === "ts")
  const readmes = pages.filter((page) => /^(packages\/.+\/)?README\.md$/.test(page))
  const guides = pages.filter((page) => /^docs\/[^/]+\.md$/.test(page))

  it.each(readmes)("runs every example of %s as it is", (page) => {
    expect(examplesIn(page).filter(usesUsing)).toEqual([])
  })

  it.each(guides)("runs the first example of %s as it is, and the page says how to run the others", (page) => {
    const [first, ...others] = examplesIn(page)
    expect(first !== undefined && usesUsing(first)).toBe(false)
    expect(!others.some(usesUsing) || onNode22.test(readText(page))).toBe(true)
  })

  it.each(readmes)("%s says how to run the examples of docstrings", (page) => {
    const ofPackage = blocks.filter(({ source }) => source.startsWith(`${posix.dirname(page)}/src/`))
    expect(!ofPackage.some(usesUsing) || onNode22.test(readText(page))).toBe(true)
  })
})

/** The modules that users of a package can import, from its manifest. */
const entriesOf = (manifest: string): ReadonlyArray<string> => {
  const { exports = {} } = JSON.parse(readText(manifest)) as { exports?: Record<string, Record<string, string>> }
  return Object.values(exports)
    .flatMap((target) => target["@tokenkeep/source"] ?? [])
    .map((source) => posix.join(posix.dirname(manifest), source))
}

describe("docstrings", () => {
  const manifests = repositoryFiles.filter((file) => /^packages\/.+\/package\.json$/.test(file))

  it.each(manifests.flatMap(entriesOf))("%s: every exported name has an example", (entry) => {
    const undocumented = exportsOf(entry, readText).filter(
      ({ docstrings }) => !docstrings.some((text) => /@internal|@example[\s\S]*```ts/.test(text))
    )
    expect(undocumented.map(({ name }) => name)).toEqual([])
  })

  it.each(modules)("%s: every @example is a ts block", (file) => {
    const withoutBlock = docstringsOf(file, readText(file)).filter(({ markdown }) =>
      markdown
        .split("@example")
        .slice(1)
        .some((example) => !example.includes("```ts"))
    )
    expect(withoutBlock.map(({ line }) => `${file}:${line}`)).toEqual([])
  })
})

const isRelative = (url: string): boolean => !/^[a-z][a-z+.-]*:|^\/\//i.test(url)

const isValid = (page: string, url: string): boolean => {
  const [path = "", anchor] = decodeURI(url).split("#")
  const target = path === "" ? page : posix.join(posix.dirname(page), path)
  if (!existsSync(join(root, target))) return false
  return anchor === undefined || !target.endsWith(".md") || parsePage(readText(target)).anchors.has(anchor)
}

describe("links", () => {
  it.each(pages)("%s: every relative link names an existing file and heading", (page) => {
    const relative = parsePage(readText(page)).links.filter(({ url }) => isRelative(url))
    const broken = relative.filter(({ url }) => !isValid(page, url))
    expect(broken.map(({ url, line }) => `${page}:${line} ${url}`)).toEqual([])
  })
})
