import { hex } from "./hex.ts"

/** A shorter part says little about a secret, and a shorter secret may be an ordinary word: both occur by chance. */
export const shortest = 8

/** As host names, and people who quote a secret, may have changed it. */
const letters = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "")

/** Undoes percent-encoding, and leaves malformed escapes. */
export const percentDecoded = (text: string): string =>
  text.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))

/** A secret as it may be written: also in hexadecimal digits, and in base64, which depends on what is before it. */
const formsOf = (secret: string): ReadonlyArray<string> => [
  secret,
  hex(new TextEncoder().encode(secret)),
  // Keys and tokens are ASCII.
  ...["", "-", "--"].map((before) => btoa(before + secret))
]

/** Whether a text contains a part of a secret, or all of one with 16 letters and digits or more, in one of its forms. */
const contains = (text: string, secret: string, isWhole: boolean): boolean => {
  const where = [text, percentDecoded(text)].map(letters)
  return formsOf(secret).some((form, index) => {
    const what = letters(form)
    // What is before and after a secret changes up to 3 letters at the start of its base64, and one at the end.
    const length = isWhole ? Math.max(16, what.length - (index > 1 ? 4 : 0)) : shortest
    for (let from = 0; from + length <= what.length; from += 1) {
      const part = what.slice(from, from + length)
      if (where.some((place) => place.includes(part))) return true
    }
    return false
  })
}

/**
 * Whether a text contains a secret, or 8 of its letters and digits in a row, in upper or lower case and with any other
 * characters between them; also in base64, hexadecimal digits or percent-encoded. For texts from outside, before they
 * are shown.
 */
export const containsPart = (text: string, secret: string): boolean =>
  text.includes(secret) || contains(text, secret, false)

/**
 * Whether a token is a secret, or contains a whole one in one of these forms. A part is allowed: a token may name the
 * tenant that the secret names.
 */
export const containsWhole = (token: string, secret: string): boolean =>
  token === secret || contains(token, secret, true)
