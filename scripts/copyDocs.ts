// Called by each package's build, in the package's directory: puts docs/errors.md into the package, so that the page
// that an error's `docs` points at is there offline, in the version that raised the error.
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
// A package holds this one page.
writeFileSync(
  "docs/errors.md",
  relink(read(), (url) => (staysOnThePage(url) ? url : undefined))
)
