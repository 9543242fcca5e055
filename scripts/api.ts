// `pnpm api`: records in etc/ what each public package exports, without comments, so that a review sees what a change
// alters. `pnpm test:packages` compares the tarballs with the record.
import { mkdirSync, writeFileSync } from "node:fs"
import { apiOf, recordOf } from "./apiRecord.ts"
import { publicPackages } from "./publicPackages.ts"

for (const { dir, manifest } of publicPackages()) {
  // A command exports nothing.
  if (manifest.bin !== undefined) continue
  const record = recordOf(manifest.name)
  mkdirSync(new URL(".", record), { recursive: true })
  writeFileSync(record, await apiOf(dir))
}
