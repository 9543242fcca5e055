import { hex } from "./hex.ts"

/** A shorter part says little about a secret, and occurs by chance. */
const shortest = 8

/** As host names, and people who quote a secret, may have changed it. */
const letters = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "")

const percentDecoded = (text: string): string =>
  text.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))

/** A secret as it may be written: also in hexadecimal digits, and in base64, which depends on what is before it. */
const formsOf = (secret: string): ReadonlyArray<string> => [
  secret,
  hex(new TextEncoder().encode(secret)),
  // Keys and tokens are ASCII.
  ...["", "-", "--"].map((before) => btoa(before + secret))
]

/**
 * Whether a text contains a secret, or 8 of its letters and digits in a row, in upper or lower case and with any other
 * characters between them; also in base64, hexadecimal digits or percent-encoded. For texts from outside, before they
 * are shown.
 */
export const containsPart = (text: string, secret: string): boolean => {
  if (text.includes(secret)) return true
  const where = [text, percentDecoded(text)].map(letters)
  return formsOf(secret).some((form) => {
    const what = letters(form)
    for (let from = 0; from + shortest <= what.length; from += 1) {
      const part = what.slice(from, from + shortest)
      if (where.some((place) => place.includes(part))) return true
    }
    return false
  })
}
