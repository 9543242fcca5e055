import { clientMutants } from "./client.ts"
import { issuingMutants } from "./issuing.ts"
import { lifecycleMutants } from "./lifecycle.ts"
import type { Mutant } from "./Mutant.ts"

/** Every bug that the tests have to notice. */
export const mutants: ReadonlyArray<Mutant> = [...lifecycleMutants, ...issuingMutants, ...clientMutants]
