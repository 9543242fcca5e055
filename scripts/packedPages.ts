import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { extname, join, posix, relative } from "node:path"
import { type Manifest, readManifest } from "./publicPackages.ts"
import { relink } from "./relink.ts"
import { root } from "./root.ts"

/** Pages that packages contain as docs/NAME, and whose file is not docs/NAME. */
const readmes: Readonly<Record<string, string>> = {
  "storage-file.md": "packages/storage/file/README.md",
  "storage-redis.md": "packages/storage/redis/README.md"
}

/** Those are for users of @tokenkeep/…. Only `tokenkeep` contains them as pages: these are its names, longest first. */
const namesOfTokenkeep: ReadonlyArray<readonly [string, string]> = [
  ["npm install @tokenkeep/storage-file effect", "npm install tokenkeep"],
  ["npm install @tokenkeep/storage-redis redis effect", "npm install tokenkeep redis"],
  ["@tokenkeep/storage-file", "tokenkeep/file"],
  ["@tokenkeep/storage-redis", "tokenkeep/redis"],
  ["@tokenkeep/deeply", "tokenkeep"]
]

const { repository }: Manifest = readManifest(root)
const web = repository?.url.replace(/^git\+/, "").replace(/\.git$/, "")

/** The address of a file or folder of this repository. */
const addressOf = (file: string): string => {
  const kind = extname(file) === ".png" ? "raw" : extname(file) === "" ? "tree" : "blob"
  return `${web}/${kind}/main/${file}`
}

const isAbsolute = (url: string): boolean => /^[a-z][a-z+.-]*:/i.test(url)

/** Pages with links that work where a package is installed: to pages in it, and to the repository for all others. */
export class PackedPages {
  readonly #directory: string
  /** The place in the package of each file that it contains. */
  readonly #places: ReadonlyMap<string, string>

  constructor(directory: string, pages: ReadonlyArray<string>) {
    this.#directory = relative(root, directory)
    const readme: ReadonlyArray<readonly [string, string]> = [
      [this.#directory, "README.md"],
      [`${this.#directory}/README.md`, "README.md"]
    ]
    this.#places = new Map([
      ...pages.map((page) => [readmes[page] ?? `docs/${page}`, `docs/${page}`] as const),
      ...readme
    ])
  }

  readme(): string {
    return this.#packed(`${this.#directory}/README.md`, "README.md")
  }

  page(name: string): string {
    const source = readmes[name]
    if (source === undefined) return this.#packed(`docs/${name}`, `docs/${name}`)
    return namesOfTokenkeep.reduce(
      (text, [from, to]) => text.replaceAll(from, to),
      this.#packed(source, `docs/${name}`)
    )
  }

  /** There is no changelog before the first release. The one of the repository says where the notes are. */
  changelog(): string {
    return this.#packed("CHANGELOG.md", "CHANGELOG.md")
  }

  #packed(source: string, place: string): string {
    return relink(readFileSync(join(root, source), "utf8"), (url) => this.#link(source, place, url))
  }

  #link(source: string, place: string, url: string): string {
    if (url.startsWith("#") || isAbsolute(url)) return url
    const [path = "", anchor] = url.split("#")
    const file = posix.join(posix.dirname(source), path).replace(/\/$/, "")
    const target = this.#places.get(file)
    const link = target === undefined ? addressOf(file) : posix.relative(posix.dirname(place), target)
    return anchor === undefined ? link : `${link}#${anchor}`
  }
}

/**
 * Replaces a package's README with the one for npm, and adds a changelog if there is none. The build must have copied its
 * pages. Returns a function that restores both; call it after packing.
 */
export const preparePages = (directory: string): (() => void) => {
  const readme = join(directory, "README.md")
  const changelog = join(directory, "CHANGELOG.md")
  const before = readFileSync(readme, "utf8")
  const isFirst = !existsSync(changelog)
  const pages = new PackedPages(directory, readdirSync(join(directory, "docs")))
  writeFileSync(readme, pages.readme())
  if (isFirst) writeFileSync(changelog, pages.changelog())
  return () => {
    writeFileSync(readme, before)
    if (isFirst) rmSync(changelog)
  }
}
