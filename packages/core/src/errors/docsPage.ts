/** The page that explains every code, as shipped in this package. */
export const docsPage = "@tokenkeep/core/docs/errors.md"
