/** What is longer tells nothing at a glance, and may be a page. */
const maxLength = 200

/** No word of any language is that long; a token or a key may be. */
const longWord = /\S{40}/

/** Controls, marks that turn the direction of writing, halves of characters, and line breaks of every kind. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu

/**
 * A text that a server sent, as it may stand in an error: on one line, short, and without a secret. Nothing when it may
 * not.
 */
export const safeText = (text: unknown, holdsSecret: (text: string) => boolean): string | undefined => {
  // Long before it is short enough to show, it is too long to look at.
  if (typeof text !== "string" || text.length > 10 * maxLength) return undefined
  const shown = text.replaceAll(invisible, " ").replaceAll(/ {2,}/g, " ").trim()
  if (shown === "" || shown.length > maxLength || longWord.test(shown)) return undefined
  // A secret must not be hidden from the check by what is taken out afterwards.
  return [text, shown, text.replaceAll(invisible, "")].some(holdsSecret) ? undefined : shown
}
