// Each package's build calls this in the package's directory. It copies docs/errors.md into the package, so that the page
// that an error's `docs` links to is there offline, in the version that raised the error. Arguments name more pages.
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { PackedPages } from "./packedPages.ts"

const names = ["errors.md", ...process.argv.slice(2)]
const pages = new PackedPages(process.cwd(), names)

rmSync("docs", { recursive: true, force: true })
mkdirSync("docs")
for (const name of names) writeFileSync(join("docs", name), pages.page(name))
