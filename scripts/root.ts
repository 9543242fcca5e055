import { dirname } from "node:path"

/** The repository's root, wherever a script is started from. */
export const root = dirname(import.meta.dirname)
