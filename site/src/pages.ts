import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, posix } from "node:path"
import { publicPackages } from "../../scripts/publicPackages.ts"
import { relink } from "../../scripts/relink.ts"
import { root } from "../../scripts/root.ts"
import { repositoryFiles } from "../../test/repositoryFiles.ts"
import { withDarkImages } from "./images.ts"
import { pagesDirectory } from "./paths.ts"
import { withTabs } from "./tabs.ts"

/** A page of the site, and its file in the repository. */
export interface Page {
  readonly file: string
  readonly page: string
}

const documents: ReadonlyArray<readonly [RegExp, string]> = [
  [/^site\/home\.md$/, "index.md"],
  [/^README\.md$/, "introduction.md"],
  [/^(CONTRIBUTING|SECURITY)\.md$/, "$1.md"],
  [/^docs\/README\.md$/, "overview.md"],
  [/^docs\/(.+\.md)$/, "$1"],
  [/^apps\/([^/]+)\/README\.md$/, "examples/$1.md"]
]

const ofDocument = (file: string): ReadonlyArray<Page> => {
  const [rule] = documents.filter(([pattern]) => pattern.test(file))
  return rule === undefined ? [] : [{ file, page: file.replace(rule[0], rule[1]).toLowerCase() }]
}

const shortName = (name: string): string => name.replace(/^@[^/]+\//, "")

const ofPackages: ReadonlyArray<Page> = publicPackages()
  .map(({ dir, manifest: { name } }) => ({
    file: posix.join(posix.relative(root, dir), "README.md"),
    page: `packages/${shortName(name)}.md`
  }))
  .filter(({ file }) => existsSync(join(root, file)))

/** The Markdown files of the site, with their names there. */
export const pages: ReadonlyArray<Page> = [...repositoryFiles.flatMap(ofDocument), ...ofPackages]

const images: ReadonlyArray<Page> = repositoryFiles
  .filter((file) => /^docs\/[^/]+\.(?:png|svg)$/.test(file))
  .map((file) => ({ file, page: posix.basename(file) }))

/** Files that a page offers to download. */
const downloads: ReadonlyArray<Page> = repositoryFiles
  .filter((file) => file.startsWith("docs/monitoring/"))
  .map((file) => ({ file, page: posix.relative("docs", file) }))

const pageOf = (file: string): string | undefined => [...pages, ...images].find((page) => page.file === file)?.page

/** The page of a link's target; for a folder, its README or its first page. */
const pageOfTarget = (target: string): string | undefined =>
  pageOf(target) ??
  pageOf(posix.join(target, "README.md")) ??
  pages.find(({ file }) => posix.dirname(file) === target)?.page

const isExternal = (url: string): boolean => /^(#|[a-z][a-z+.-]*:)/i.test(url)

/** The link on the site; undefined for sources and tests, which are not part of it. */
const linkOn = ({ file, page }: Page, url: string): string | undefined => {
  if (isExternal(url)) return url
  const [path = "", anchor] = url.split("#")
  const targetFile = posix.join(posix.dirname(file), path).replace(/\/$/, "")
  const download = downloads.find((each) => each.file === targetFile)
  if (download !== undefined) return `/${download.page}`
  const target = pageOfTarget(targetFile)
  if (target === undefined) return undefined
  const relative = posix.relative(posix.dirname(page), target)
  return (relative.startsWith(".") ? relative : `./${relative}`) + (anchor === undefined ? "" : `#${anchor}`)
}

export const writePages = (): void => {
  mkdirSync(pagesDirectory, { recursive: true })
  for (const { file, page } of images) copyFileSync(join(root, file), join(pagesDirectory, page))
  for (const { file, page } of downloads) {
    // VitePress copies this folder as it is.
    cpSync(join(root, file), join(pagesDirectory, "public", page))
  }
  for (const page of pages) {
    const destination = join(pagesDirectory, page.page)
    mkdirSync(dirname(destination), { recursive: true })
    const markdown = relink(readFileSync(join(root, page.file), "utf8"), (url) => linkOn(page, url))
    writeFileSync(destination, withTabs(withDarkImages(markdown)))
  }
}
