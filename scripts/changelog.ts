// Formats the release notes: the text of each changeset, without commit hashes. Dependency updates are not listed,
// because all packages have the same version.
import type { ChangelogFunctions } from "@changesets/types"

const isOneParagraph = (text: string): boolean => !/\n\s*\n/.test(text)

/** One paragraph becomes a list item; a longer changeset stays as it is. */
const noteOf = (summary: string): string => {
  const text = summary.trim()
  return isOneParagraph(text) ? `- ${text.replaceAll("\n", "\n  ")}\n` : `\n${text}\n\n`
}

const changelog: ChangelogFunctions = {
  getReleaseLine: ({ summary }) => noteOf(summary),
  getDependencyReleaseLine: () => ""
}

export default changelog
