// In the bundle this stands for the module of the same name in @tokenkeep/core.

/** The page that explains every code, as shipped in this package. */
export const docsPage = "tokenkeep/docs/errors.md"
