import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Creates a directory for the tokens of the fake API. It is removed when the process exits. */
export const temporaryDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "bun-service-"))
  process.once("exit", () => rmSync(directory, { recursive: true }))
  return directory
}
