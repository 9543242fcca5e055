import { env } from "node:process"

/** The same cases on every run; `TOKENKEEP_SEED` selects others. fast-check prints the seed of a failure. */
export const runs = (numRuns: number) => ({ seed: Number(env["TOKENKEEP_SEED"] ?? 20_260_801), numRuns })
