import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

/**
 * The file path of a page that a message names, such as `@tokenkeep/cli/docs/testing.md#start-a-server`: few users know
 * the folder of a global install. The build copies the pages, so the sources have none.
 */
export const pageOf = (docs: string): string => {
  const [page = ""] = docs.split("#")
  const path = fileURLToPath(new URL(page.replace(/^.*\/docs\//, "../docs/"), import.meta.url))
  return existsSync(path) ? path + docs.slice(page.length) : docs
}

/** The page that lists the faults of the fake API. */
export const faultsPage = (): string => pageOf("@tokenkeep/cli/docs/testing.md#script-faults")
