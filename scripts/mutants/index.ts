import { clientMutants } from "./client.ts"
import { issuingMutants } from "./issuing.ts"
import { lifecycleMutants } from "./lifecycle.ts"
import type { Mutant } from "./Mutant.ts"
import { sharingMutants } from "./sharing.ts"
import { typedMutants } from "./typed.ts"

/** Every bug that the tests have to notice. */
export const mutants: ReadonlyArray<Mutant> = [
  ...lifecycleMutants,
  ...issuingMutants,
  ...sharingMutants,
  ...clientMutants,
  ...typedMutants
]
