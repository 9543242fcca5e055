import { existsSync, globSync, readFileSync } from "node:fs"
import { join, posix } from "node:path"
import { site } from "../../src/paths.ts"

const directory = join(site, "dist")

const attributes = (html: string, name: string): ReadonlyArray<string> =>
  [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g"))].flatMap(([, value]) => value ?? [])

export interface BuiltPage {
  /** Its path, without a leading slash. */
  readonly path: string
  /** The targets of its links. */
  readonly links: ReadonlyArray<string>
  /** The URLs that it loads. */
  readonly sources: ReadonlyArray<string>
  readonly anchors: ReadonlySet<string>
}

const readPage = (path: string): BuiltPage => {
  const html = readFileSync(join(directory, path), "utf8")
  const tags = (name: string) => [...html.matchAll(new RegExp(`<${name}\\s[^>]*>`, "g"))].map(([tag]) => tag)
  return {
    path,
    links: tags("a").flatMap((tag) => attributes(tag, "href")),
    sources: [
      ...tags("link").flatMap((tag) => attributes(tag, "href")),
      ...["script", "img", "source", "iframe"].flatMap(tags).flatMap((tag) => attributes(tag, "src"))
    ],
    anchors: new Set(attributes(html, "id"))
  }
}

/** The built pages. */
export const builtPages: ReadonlyArray<BuiltPage> = globSync("**/*.html", { cwd: directory }).toSorted().map(readPage)

/** The built styles. */
export const builtStyles: ReadonlyArray<string> = globSync("assets/**/*.css", { cwd: directory }).map((file) =>
  readFileSync(join(directory, file), "utf8")
)

const byPath = new Map(builtPages.map((page) => [page.path, page]))

export const isExternal = (url: string): boolean => /^([a-z][a-z+.-]*:|\/\/)/i.test(url)

/** Whether a link names an existing page and an anchor on it, or a file to download. */
export const isValid = ({ path }: BuiltPage, url: string): boolean => {
  const [target = "", anchor = ""] = url.split("#").map(decodeURIComponent)
  const at = target === "" ? path : posix.join("/", posix.dirname(path), target).slice(1)
  const absolute = target.startsWith("/") ? target.slice(1) : at
  if (/\.(?:json|yml)$/.test(absolute)) return existsSync(join(directory, absolute))
  const page = byPath.get(absolute === "" || absolute.endsWith("/") ? `${absolute}index.html` : absolute)
  return page !== undefined && (anchor === "" || page.anchors.has(anchor))
}
