// `pnpm release` calls this after the build: it publishes every public package whose version is not on the registry.
import { preparePages } from "./packedPages.ts"
import { publicPackages } from "./publicPackages.ts"
import { show } from "./run.ts"

const restores = publicPackages().map(({ dir }) => preparePages(dir))
try {
  process.exitCode = await show("changeset", ["publish"])
} finally {
  for (const restore of restores) restore()
}
