import { env } from "node:process"

/** Runs the same cases each time; set `TOKENKEEP_SEED` for others. fast-check prints the seed of a failure. */
export const runs = (numRuns: number) => ({ seed: Number(env["TOKENKEEP_SEED"] ?? 20_260_801), numRuns })
