/** A shorter part says little about a secret, and occurs by chance. */
const shortest = 8

/** As host names, and people who quote a secret, may have changed it. */
const letters = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "")

/**
 * Whether a text contains a secret, or 8 of its letters and digits in a row, in upper or lower case and with any other
 * characters between them. For texts from outside, before they are shown.
 */
export const containsPart = (text: string, secret: string): boolean => {
  if (text.includes(secret)) return true
  const [where, what] = [letters(text), letters(secret)]
  for (let from = 0; from + shortest <= what.length; from += 1) {
    if (where.includes(what.slice(from, from + shortest))) return true
  }
  return false
}
