/** Shorter strings occur everywhere by chance. */
const shortest = 4

/** How much of a secret counts as a part of it, at its start and at its end. */
const partLength = 8

/** What providers write before a secret, such as `sk-live-`: it is public. */
const marker = /^(?:[a-z]{2,8}[-_])+/i

/** A secret, and the parts of it that say too much; in lower case, as text is searched. */
const needlesOf = (secret: string): ReadonlyArray<readonly [what: string, needle: string]> => {
  const body = secret.replace(marker, "").toLowerCase()
  const parts = body.length < 2 * partLength ? [] : [body.slice(0, partLength), body.slice(-partLength)]
  return [["Secret", secret.toLowerCase()], ...parts.map((part) => ["A part of secret", part] as const)]
}

/** One way of reading a text. */
interface View {
  readonly how: string
  /** In lower case. */
  readonly text: string
  /** Where a place of this view is in the text that was printed. */
  readonly placeOf: (at: number) => number
}

const percentDecoded = (text: string): string =>
  text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes)
    } catch {
      return escapes
    }
  })

const unescaped = (text: string): string =>
  text
    .replaceAll(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll(/\\(.)/g, "$1")

const decoded = (base64: string): string => {
  const standard = base64.replaceAll("-", "+").replaceAll("_", "/")
  const whole = standard.length % 4 === 1 ? standard.slice(0, -1) : standard
  return new TextDecoder().decode(Uint8Array.from(atob(whole), (char) => char.charCodeAt(0)))
}

/** What all runs of base64 mean, wherever in a run it begins. */
const base64View = (text: string): View => {
  const places: Array<readonly [from: number, place: number]> = []
  let all = ""
  for (const { 0: run, index } of text.matchAll(/[\w+/-]{6,}/g)) {
    places.push([all.length, index])
    for (let from = 0; from < 4; from += 1) all += `${decoded(run.slice(from)).toLowerCase()}\n`
  }
  return { how: "in base64", text: all, placeOf: (at) => places.findLast(([from]) => from <= at)?.[1] ?? 0 }
}

const viewsOf = (text: string): ReadonlyArray<View> => {
  const view = (how: string, read: string): View => ({ how, text: read.toLowerCase(), placeOf: (at) => at })
  return [
    view("in clear", text),
    view("URL-encoded", percentDecoded(text)),
    view("as JSON", unescaped(text)),
    base64View(text)
  ]
}

/**
 * Throws if a string contains one of the secrets, or the first or last 8 characters of one: in upper or lower case, as it
 * is, URL-encoded, escaped as JSON or in base64. For tests that check that logs and errors print no secret. The error
 * names the secret by its position in the list.
 *
 * A prefix such as `sk-live-` is not part of a secret, and secrets below 16 characters are searched as a whole only.
 *
 * @param text What was printed.
 * @param secrets API keys and tokens, of at least 4 characters each.
 *
 * @example
 * ```ts
 * import { assertNoSecrets } from "@tokenkeep/core/testing"
 *
 * assertNoSecrets("token <redacted:access-token 7f3a>", ["sk-live-2f6c1d"])
 * try {
 *   assertNoSecrets("authorization: Bearer sk-live-2f6c1d", ["sk-live-2f6c1d"])
 * } catch (error) {
 *   console.log((error as Error).message) // => Secret 1 of 1 is printed in clear, at character 22.
 * }
 * ```
 */
export const assertNoSecrets = (text: string, secrets: ReadonlyArray<string>): void => {
  const views = secrets.length === 0 ? [] : viewsOf(text)
  for (const [index, secret] of secrets.entries()) {
    const place = `${index + 1} of ${secrets.length}`
    if (secret.length < shortest) {
      throw new TypeError(`Secret ${place} is shorter than ${shortest} characters.`)
    }
    for (const [what, needle] of needlesOf(secret)) {
      for (const view of views) {
        const found = view.text.indexOf(needle)
        if (found < 0) continue
        throw new Error(`${what} ${place} is printed ${view.how}, at character ${view.placeOf(found)}.`)
      }
    }
  }
}
