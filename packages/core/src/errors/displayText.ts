/** The longest message that is shown, in characters: a longer one may be a page. */
const maxLength = 200

/** A longer word may be a token or a key. */
const longWord = /\S{40}/

/** Control characters, marks that change the direction of writing, lone surrogates, and line breaks of every kind. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu

/** A text from outside on one line, without control characters, and not too long. */
export const oneLine = (text: string): string =>
  text
    .slice(0, 10 * maxLength)
    .replaceAll(invisible, " ")
    .replaceAll(/ {2,}/g, " ")
    .trim()
    .slice(0, maxLength)

/**
 * A server's message as it may be shown in an error: on one line, short, and without a secret; `undefined` if it may not
 * be shown.
 */
export const displayText = (text: unknown, holdsSecret: (text: string) => boolean): string | undefined => {
  if (typeof text !== "string" || text.length > 10 * maxLength) return undefined
  const shown = text.replaceAll(invisible, " ").replaceAll(/ {2,}/g, " ").trim()
  if (shown === "" || shown.length > maxLength || longWord.test(shown)) return undefined
  // Removed characters must not hide a secret from the check.
  return [text, shown, text.replaceAll(invisible, "")].some(holdsSecret) ? undefined : shown
}
