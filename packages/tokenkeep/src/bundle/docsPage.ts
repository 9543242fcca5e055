// Replaces the module of the same name in @tokenkeep/core, so that `error.docs` names a file that the user has.

/** The page that explains every error code. */
export const docsPage = "tokenkeep/docs/errors.md"
