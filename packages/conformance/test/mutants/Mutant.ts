import type { Open } from "../support/subjects.ts"

/** An adapter that is wrong on purpose, and the laws that tell. */
export interface Mutant {
  readonly mistake: string
  readonly open: Open
  readonly caughtBy: ReadonlyArray<string>
}
