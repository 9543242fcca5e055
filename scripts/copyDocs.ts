// Each package's build calls this in the package's directory. It copies docs/errors.md into the package, so that the page
// that an error's `docs` links to is there offline, in the version that raised the error. Arguments name more pages.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { relink } from "./relink.ts"
import { root } from "./root.ts"

const pages = ["errors.md", ...process.argv.slice(2)]

const read = (page: string): string => {
  try {
    return readFileSync(join(root, "docs", page), "utf8")
  } catch (cause) {
    throw new Error(`docs/${page} is missing: a package ships it, so it cannot be built without it`, { cause })
  }
}

const isCopied = (url: string): boolean => pages.includes(url.replace(/#.*$/, ""))

const staysUsable = (url: string): boolean => url.startsWith("#") || /^[a-z][a-z+.-]*:/i.test(url) || isCopied(url)

mkdirSync("docs", { recursive: true })
// Links to other pages lose their target, because a package contains only these pages.
for (const page of pages) {
  writeFileSync(
    join("docs", page),
    relink(read(page), (url) => (staysUsable(url) ? url : undefined))
  )
}
