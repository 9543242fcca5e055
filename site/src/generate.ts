// Writes the sources of the site: the repository's pages, and the API reference from the docstrings.
import { rmSync } from "node:fs"
import { writeReference } from "./reference.ts"
import { writePages } from "./pages.ts"
import { pagesDirectory } from "./paths.ts"

rmSync(pagesDirectory, { recursive: true, force: true })
writePages()
await writeReference()
