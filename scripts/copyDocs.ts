// Each package's build calls this in the package's directory. It copies docs/errors.md into the package, so that the page
// that an error's `docs` links to is there offline, in the version that raised the error.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { relink } from "./relink.ts"
import { root } from "./root.ts"

const source = join(root, "docs/errors.md")

const read = (): string => {
  try {
    return readFileSync(source, "utf8")
  } catch (cause) {
    throw new Error("docs/errors.md is missing: every package ships it, so no package can be built without it", {
      cause
    })
  }
}

const staysOnThePage = (url: string): boolean => url.startsWith("#") || /^[a-z][a-z+.-]*:/i.test(url)

mkdirSync("docs", { recursive: true })
// Links to other pages lose their target, because a package contains only this page.
writeFileSync(
  "docs/errors.md",
  relink(read(), (url) => (staysOnThePage(url) ? url : undefined))
)
