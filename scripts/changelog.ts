// How changesets write the release notes: a change is told in the words of its changeset, and nothing else.
// No commit hashes, and no lists of which package took which version of its siblings: all carry the same one.
import type { ChangelogFunctions } from "@changesets/types"

const isOneParagraph = (text: string): boolean => !/\n\s*\n/.test(text)

/** One paragraph becomes a point of a list; a longer text stands as it was written. */
const noteOf = (summary: string): string => {
  const text = summary.trim()
  return isOneParagraph(text) ? `- ${text.replaceAll("\n", "\n  ")}\n` : `\n${text}\n\n`
}

const changelog: ChangelogFunctions = {
  getReleaseLine: ({ summary }) => noteOf(summary),
  getDependencyReleaseLine: () => ""
}

export default changelog
