/** One bug, put into one place of the sources, that the tests have to notice. */
export interface Mutant {
  readonly id: string
  /** From the repository's root. */
  readonly file: string
  /** The exact text to replace, which stands in the file once. */
  readonly find: string
  readonly replace: string
  /** The tests that should notice, from the repository's root: they are run first. */
  readonly killedBy?: ReadonlyArray<string>
}

/** Mutants of one file of core's sources. */
export const inCore =
  (file: string, ...tests: ReadonlyArray<string>) =>
  (id: string, find: string, replace: string, ...own: ReadonlyArray<string>): Mutant => ({
    id,
    file: `packages/core/src/${file}`,
    find,
    replace,
    killedBy: (own.length > 0 ? own : tests).map((test) =>
      test.startsWith("deeply/")
        ? `packages/providers/deeply/test/${test.slice(7)}.test.ts`
        : `packages/core/test/${test}.test.ts`
    )
  })

/** The same for the sources and the tests of Deeply's package. */
export const inDeeply =
  (file: string, ...tests: ReadonlyArray<string>) =>
  (id: string, find: string, replace: string, ...own: ReadonlyArray<string>): Mutant => ({
    id,
    file: `packages/providers/deeply/src/${file}`,
    find,
    replace,
    killedBy: (own.length > 0 ? own : tests).map((test) => `packages/providers/deeply/test/${test}.test.ts`)
  })
