// `pnpm api`: writes what each public package exports, without comments, into etc/: a record that is reviewed with the
// change. `pnpm test:packages` holds the tarballs against it.
import { mkdirSync, writeFileSync } from "node:fs"
import { apiOf, recordOf } from "./apiRecord.ts"
import { publicPackages } from "./publicPackages.ts"

for (const { dir, manifest } of publicPackages()) {
  const record = recordOf(manifest.name)
  mkdirSync(new URL(".", record), { recursive: true })
  writeFileSync(record, await apiOf(dir))
}
