import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

/**
 * The path of a page in this package, such as `@tokenkeep/cli/docs/testing.md#start-a-server`, by which it can be opened: a
 * global install is in a folder that few people know. The build copies the pages, so the sources have none.
 */
export const pageOf = (docs: string): string => {
  const [page = ""] = docs.split("#")
  const path = fileURLToPath(new URL(page.replace(/^.*\/docs\//, "../docs/"), import.meta.url))
  return existsSync(path) ? path + docs.slice(page.length) : docs
}

/** The page that lists the faults of the fake API. */
export const faultsPage = (): string => pageOf("@tokenkeep/cli/docs/testing.md#script-faults")
